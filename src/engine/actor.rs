//! Who this process acts for, as the kernel and the service manager say.
#![allow(clippy::disallowed_methods, reason = "an edge: this module reads /proc, /etc/passwd and the environment")]

use std::fs;

use crate::access::Actor;
use crate::fault::Label;

/// The kernel's word for a login that it keeps no account of.
const NO_LOGIN: u32 = u32::MAX;

/// What is to be read, as text; what cannot be read is empty.
#[derive(Debug, Default)]
struct Sources {
    status: String,
    passwd: String,
    group: String,
    login: String,
    host: String,
    /// Empty unless a service manager started the process: the shell of whoever logs in is in a unit, too.
    cgroup: String,
}

/// Who acts in this process.
pub fn actor() -> Actor {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let invoked = std::env::var_os("INVOCATION_ID").is_some();
    read_from(&Sources {
        status: read("/proc/self/status"),
        passwd: read("/etc/passwd"),
        group: read("/etc/group"),
        login: read("/proc/self/loginuid"),
        host: read("/proc/sys/kernel/hostname"),
        cgroup: if invoked { read("/proc/self/cgroup") } else { String::new() },
    })
}

fn read_from(sources: &Sources) -> Actor {
    let uid = uid(&sources.status).unwrap_or(NO_LOGIN);
    let host = sources.host.trim();
    let login = sources.login.trim().parse().ok().filter(|login| *login != NO_LOGIN);
    // Behind sudo the process runs as somebody else; the person is whoever logged in. One whom this machine's own list
    // does not name (a directory does) goes by the number: as the process's user they would have its grants.
    let person = login.filter(|login| *login != uid);
    let name = |login: u32| user(&sources.passwd, login).unwrap_or_else(|| format!("uid-{login}"));
    Actor {
        user: Label::new(&user(&sources.passwd, uid).unwrap_or_else(|| format!("uid-{uid}"))),
        uid,
        login,
        login_user: person.map(|login| Label::new(&name(login))),
        groups: match person {
            Some(login) => groups_of(sources, login),
            None => groups(&sources.status, &sources.group),
        },
        host: Label::new(if host.is_empty() { "unknown" } else { host }),
        unit: unit(&sources.cgroup).map(Label::new),
    }
}

/// The real user of `/proc/self/status`: `Uid:` with real, effective, saved and filesystem user.
fn uid(status: &str) -> Option<u32> {
    let users = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    users.split_whitespace().next()?.parse().ok()
}

/// What a user is called, by the kernel's number.
pub fn user_of(uid: u32) -> String {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    user(&passwd, uid).unwrap_or_else(|| format!("uid-{uid}"))
}

/// A user's name in `/etc/passwd`.
fn user(passwd: &str, uid: u32) -> Option<String> {
    let mut entries = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let wanted = uid.to_string();
    entries.find(|entry| entry.get(2) == Some(&wanted.as_str())).map(|entry| entry[0].to_string())
}

/// The names of the real and the further groups of `/proc/self/status`.
fn groups(status: &str, group: &str) -> Vec<Label> {
    let of = |head: &str| status.lines().find_map(|line| line.strip_prefix(head)).unwrap_or_default();
    let real = of("Gid:").split_whitespace().take(1);
    let ids: Vec<&str> = real.chain(of("Groups:").split_whitespace()).collect();
    let entries = group.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let mine = entries.filter(|entry| entry.get(2).is_some_and(|id| ids.contains(id)));
    mine.map(|entry| Label::new(entry[0])).collect()
}

/// The names of the groups of whoever logged in, as this machine's own lists have them: those of the process are the
/// groups of whom it runs as.
fn groups_of(sources: &Sources, login: u32) -> Vec<Label> {
    let wanted = login.to_string();
    let mut entries = sources.passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let Some(person) = entries.find(|entry| entry.get(2) == Some(&wanted.as_str())) else { return Vec::new() };
    let all = sources.group.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let is_in = |group: &Vec<&str>| {
        let named = group.get(3).is_some_and(|members| members.split(',').any(|member| member == person[0]));
        named || (group.len() > 2 && person.get(3) == group.get(2))
    };
    all.filter(is_in).map(|group| Label::new(group[0])).collect()
}

/// The unit in which the process runs: the last part of its control group that names a service.
fn unit(cgroup: &str) -> Option<&str> {
    let mut parts = cgroup.lines().filter_map(|line| line.rsplit("::").next()).flat_map(|path| path.split('/'));
    parts.rfind(|part| part.ends_with(".service"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_from_what_the_kernel_says() {
        let sources = Sources {
            status: "Name:\tbex\nUid:\t998\t0\t0\t0\nGid:\t1\t1\t1\t1\nGroups:\t1 27 \n".into(),
            passwd: "root:x:0:0::/root:/bin/sh\nbenefits:x:998:998::/srv:/bin/false\njdoe:x:1000:100::/:/bin/sh\n"
                .into(),
            group: "root:x:0:\ndaemon:x:1:benefits\nusers:x:100:\nstaff:x:28:adoe,jdoe\n".into(),
            login: "1000\n".into(),
            host: "office\n".into(),
            cgroup: "0::/system.slice/bex.service\n".into(),
        };
        let actor = read_from(&sources);
        assert_eq!((actor.user.as_str(), actor.uid, actor.login), ("benefits", 998, Some(1000)));
        assert_eq!(actor.groups, [Label::new("users"), Label::new("staff")], "and gives nobody another's groups");
        assert_eq!(actor.person().as_str(), "jdoe", "sudo makes nobody another person");
        assert_eq!((actor.host.as_str(), actor.unit), ("office", Some(Label::new("bex.service"))));
    }

    #[test]
    fn whoever_logged_in_and_is_in_no_list_of_this_machine_is_not_taken_for_the_process_s_user() {
        let sources = Sources {
            status: "Uid:\t998\t998\t998\t998\nGid:\t1\t1\t1\t1\nGroups:\t1 \n".into(),
            passwd: "benefits:x:998:998::/srv:/bin/false\n".into(),
            group: "daemon:x:1:\n".into(),
            login: "70001\n".into(),
            ..Sources::default()
        };
        let actor = read_from(&sources);
        assert_eq!((actor.person().as_str(), actor.groups.len()), ("uid-70001", 0));
        let itself = read_from(&Sources { login: "998\n".into(), ..sources });
        assert_eq!((itself.person().as_str(), &itself.groups[..]), ("benefits", &[Label::new("daemon")][..]));
    }

    #[test]
    fn what_nobody_says_is_not_made_up() {
        let login = NO_LOGIN.to_string();
        let actor = read_from(&Sources { status: "Uid:\t7\t7\t7\t7\n".into(), login, ..Sources::default() });
        assert_eq!((actor.user.as_str(), actor.login, actor.unit), ("uid-7", None, None));
        assert_eq!(actor.host.as_str(), "unknown");
    }

    #[test]
    fn this_process_has_an_actor() {
        assert!(!actor().user.as_str().is_empty());
    }
}
