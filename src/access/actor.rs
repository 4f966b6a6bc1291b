//! Who acts.

use std::fmt::Write as _;

use crate::fault::Label;

/// Who acts: read from the kernel at the edge, part of every change, named in every leaf of the audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user's name, or `uid-` and the number where nobody has it.
    pub user: Label,
    /// The kernel's number of the user the process runs as.
    pub uid: u32,
    /// Who logged in, where the kernel keeps account of it: `su` and `sudo` do not change that.
    pub login: Option<u32>,
    /// The name of whoever logged in, where that is known and somebody else than the user.
    pub login_user: Option<Label>,
    /// The groups of the person: the process's, unless somebody else logged in.
    pub groups: Vec<Label>,
    /// The machine.
    pub host: Label,
    /// The unit that a service manager started the process for.
    pub unit: Option<Label>,
}

impl Actor {
    /// An actor of whom nothing but a name is known: for tests and tools.
    pub fn named(user: &str) -> Actor {
        Actor {
            user: Label::new(user),
            uid: 0,
            login: None,
            login_user: None,
            groups: Vec::new(),
            host: Label::new("localhost"),
            unit: None,
        }
    }

    /// The person, as far as the kernel knows: `su` and `sudo` make nobody another person.
    pub fn person(&self) -> &Label {
        self.login_user.as_ref().unwrap_or(&self.user)
    }

    /// The canonical JSON of a leaf: what is not known is left out.
    pub fn leaf(&self) -> String {
        // Labels hold no character that JSON would have to escape.
        let mut leaf = format!(r#"{{"user":"{}","uid":{}"#, self.user, self.uid);
        if let Some(login) = self.login {
            let _ = write!(leaf, r#","login":{login}"#);
        }
        if let Some(person) = &self.login_user {
            let _ = write!(leaf, r#","person":"{person}""#);
        }
        let _ = write!(leaf, r#","host":"{}""#, self.host);
        if let Some(unit) = &self.unit {
            let _ = write!(leaf, r#","unit":"{unit}""#);
        }
        leaf.push('}');
        leaf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_names_what_is_known_of_an_actor_and_nothing_else() {
        let actor = Actor { uid: 1000, ..Actor::named("jdoe\"") };
        assert_eq!(actor.leaf(), r#"{"user":"jdoe?","uid":1000,"host":"localhost"}"#);
        let service = Actor { login: Some(1001), unit: Some(Label::new("bex.service")), ..actor };
        let whole = r#"{"user":"jdoe?","uid":1000,"login":1001,"host":"localhost","unit":"bex.service"}"#;
        assert_eq!(service.leaf(), whole);
    }
}
