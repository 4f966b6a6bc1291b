//! Roles: what somebody is there for, as data.

/// Declares the roles with their words and meanings, one line each.
macro_rules! roles {
    ($($role:ident = $word:literal, $meaning:literal;)+) => {
        /// What somebody is there for. Which acts belong to it is in the table of acts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $meaning] $role,)+
        }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Role] = &[$(Role::$role,)+];

            /// The word in access.toml.
            pub fn word(self) -> &'static str {
                match self { $(Role::$role => $word,)+ }
            }

            /// In a sentence, for `bex grants --roles`.
            pub fn meaning(self) -> &'static str {
                match self { $(Role::$role => $meaning,)+ }
            }
        }
    };
}

roles! {
    Operator = "operator", "Runs the nights, and brings runs that stand still to their end; sees counts and references.";
    BenefitsAdmin = "benefits-admin", "Decides what no input says, and may see a member with a reason.";
    PrivacyOfficer = "privacy-officer", "Answers members, approves what carriers may be told, and deals with what went astray.";
    SecurityReviewer = "security-reviewer", "Reads what was done, signs for it, and approves changes of hosts and keys.";
    Dba = "dba", "Keeps the database: moves, restores and backs it up, without seeing what it holds.";
    Auditor = "auditor", "Looks at everything that is recorded, and changes nothing.";
    CarrierManager = "carrier-manager", "Knows the carriers: their answers, where files are, whether they can be reached.";
}

impl Role {
    /// The role of a word; none for a word that is none of theirs.
    pub fn of_word(word: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.word() == word)
    }
}
