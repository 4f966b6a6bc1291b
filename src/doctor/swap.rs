//! Whether what is in memory can reach a disk.
#![allow(clippy::disallowed_methods, reason = "an edge: the doctor asks the system about swap")]

use std::fs;

use super::finding::{Finding, well, wrong};
use super::rules;

/// What `bex` of the same user, begun in the same way, has in memory.
pub(super) fn memory() -> Finding {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let way = way_to_disk(&read("/proc/self/status"), &read("/proc/swaps"), &|device| {
        read(&format!("/sys/block/{device}/dm/uuid")).starts_with("CRYPT-")
    });
    match way {
        Ok(words) => well("site", "memory", words.to_string()),
        Err(device) => wrong("site", "memory", rules::REACHES_SWAP.fault().name("swap", &device)),
    }
}

/// Why nothing of it reaches a disk; else what it can be swapped to.
fn way_to_disk(status: &str, swaps: &str, is_encrypted: &dyn Fn(&str) -> bool) -> Result<&'static str, String> {
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:"));
    if locked.and_then(|all| all.split_whitespace().next()).is_some_and(|all| all != "0") {
        return Ok("locked: nothing of it is swapped");
    }
    let devices = || swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    let is_safe = |path: &&str| {
        let device = path.strip_prefix("/dev/").unwrap_or_default();
        device.starts_with("zram") || (device.starts_with("dm-") && is_encrypted(device))
    };
    match devices().find(|path| !is_safe(path)) {
        Some(open) => Err(open.to_string()),
        None if devices().next().is_none() => Ok("not locked; this machine has no swap"),
        None => Ok("not locked; swap is encrypted, or is memory itself"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_reaches_a_disk_where_it_is_not_locked_and_swap_is_open() {
        let way = |locked: &str, devices: &[&str]| {
            let lines: String = devices.iter().map(|device| format!("{device} partition 1 0 -2\n")).collect();
            let status = format!("Name:\tbex\nVmLck:\t{locked} kB\n");
            way_to_disk(&status, &format!("Filename Type Size Used Priority\n{lines}"), &|device| device == "dm-1")
        };
        assert!(way("0", &[]).is_ok_and(|words| words.contains("no swap")));
        assert!(way("4096", &["/dev/sda2"]).is_ok_and(|words| words.contains("locked: ")));
        assert!(way("0", &["/dev/dm-1", "/dev/zram0"]).is_ok_and(|words| words.contains("encrypted")));
        for open in ["/dev/sda2", "/swapfile", "/dev/dm-0"] {
            assert_eq!(way("0", &["/dev/dm-1", open]), Err(open.to_string()));
        }
    }
}
