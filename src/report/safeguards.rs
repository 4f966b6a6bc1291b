//! What regulation asks of a site, and by what each is held: a test of this program, or whoever runs it.

/// Who holds a safeguard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// A test of this name.
    Test(&'static str),
    /// The operator, in these words.
    Operator(&'static str),
}

/// Something that regulation or a standard asks for.
#[derive(Clone, Copy, Debug)]
pub struct Safeguard {
    /// Where it is asked for.
    pub source: &'static str,
    /// What is asked for, in short.
    pub asks: &'static str,
    /// What holds it.
    pub by: HeldBy,
}

macro_rules! safeguards {
    ($($source:literal, $asks:literal, $by:ident $text:literal;)+) => {
        /// Every safeguard, in the order of its source.
        pub const SAFEGUARDS: &[Safeguard] =
            &[$(Safeguard { source: $source, asks: $asks, by: HeldBy::$by($text) }),+];
    };
}

safeguards! {
    "45 CFR 164.308(a)(1)(ii)(A)", "risk analysis", Operator "once a year, and when the site changes";
    "45 CFR 164.308(a)(1)(ii)(C)", "sanctions", Operator "a policy; `bex review show` names who did what";
    "45 CFR 164.308(a)(1)(ii)(D)", "review of what was done",
        Test "every_event_is_in_one_signed_day_and_nobody_signs_for_what_they_did";
    "45 CFR 164.308(a)(3)", "workforce clearance and termination",
        Operator "accounts of the operating system, and `expires` in access.toml";
    "45 CFR 164.308(a)(4)", "access is granted, not assumed",
        Test "without_a_grant_nothing_is_permitted_and_each_refusal_is_recorded";
    "45 CFR 164.308(a)(1)(ii)(C)", "staff have accepted the rules they are held to",
        Test "whoever_has_not_accepted_the_code_of_conduct_in_force_is_refused_until_they_have";
    "45 CFR 164.308(a)(5)", "training", Operator "of everybody who has a grant";
    "45 CFR 164.308(a)(6)", "incidents: who was concerned", Test "who_was_in_a_delivery_is_counted_as_it_was_written";
    "45 CFR 164.308(a)(7)", "backup and disaster recovery",
        Test "a_backup_is_restored_before_it_counts_as_one_and_holds_no_key";
    "45 CFR 164.308(b)", "contracts with subcontractors",
        Test "a_grant_to_nobody_or_to_strangers_without_contract_and_end_is_refused";
    "45 CFR 164.310", "buildings, workstations, media", Operator "locks, disk encryption, disposal of media";
    "45 CFR 164.312(a)(1)", "access by role",
        Test "every_command_is_open_to_the_roles_it_belongs_to_and_to_nobody_else";
    "45 CFR 164.312(a)(2)(i)", "everybody has a name", Test "an_actor_is_read_from_what_the_kernel_says";
    "45 CFR 164.312(a)(2)(ii)", "access in an emergency",
        Test "in_an_emergency_leave_is_taken_seen_by_everybody_recorded_and_over_in_time";
    "45 CFR 164.312(a)(2)(iii)", "automatic logoff", Operator "of terminals: a command asks anew each time";
    "45 CFR 164.312(a)(2)(iv)", "encryption at rest",
        Test "no_byte_of_the_site_and_no_word_of_any_command_holds_a_planted_value";
    "45 CFR 164.312(b)", "audit controls",
        Test "nobody_is_shown_by_name_unless_names_are_asked_for_and_every_reading_is_recorded";
    "45 CFR 164.312(c)", "integrity", Test "the_database_refuses_every_transition_that_its_table_does_not_have";
    "45 CFR 164.312(d)", "authentication of persons", Operator "the operating system's: strong, and of more than one factor";
    "45 CFR 164.312(e)", "security of transmission",
        Test "a_simulated_carrier_with_another_key_is_refused_before_any_login";
    "45 CFR 164.310(d)(2)(i)", "disposal",
        Test "what_is_due_is_destroyed_so_that_no_copy_opens_and_an_order_to_keep_goes_before_it";
    "45 CFR 164.316(b)", "documents kept for six years", Operator "no command removes what is recorded";
    "45 CFR 164.404", "notice of a breach: to whom", Test "who_was_in_a_delivery_is_counted_as_it_was_written";
    "45 CFR 164.502(b)", "minimum necessary", Test "an_element_beyond_the_policy_is_refused_whichever_it_is";
    "45 CFR 164.514(d)(3)(ii)", "what no feed tells is looked at one by one",
        Test "what_no_feed_tells_is_asked_by_one_person_approved_by_another_and_stands_on_the_account";
    "45 CFR 164.514(d)", "a policy for each recipient",
        Test "a_policy_is_a_document_whose_versions_are_kept_and_every_delivery_names_its_own";
    "45 CFR 164.528", "an account of disclosures",
        Test "an_account_says_what_each_carrier_was_told_of_each_person";
    "ASVS 5.0 2.3.4", "nothing is done twice", Test "a_file_that_the_carrier_has_mislaid_is_sent_once_more_with_the_same_bytes";
    "ASVS 5.0 2.3.5", "approval by a second person",
        Test "what_decides_who_is_told_what_waits_for_another_person_and_holds_the_feeds_it_concerns";
    "ASVS 5.0 8.2.2", "access to a part is decided for that part", Test "a_grant_goes_as_far_and_as_long_as_it_says";
    "ASVS 5.0 13.3.1", "secrets are kept as secrets", Test "a_key_file_others_could_read_is_refused_whatever_the_bit";
    "ASVS 5.0 14.2.6", "no more is shown than is asked for", Test "names_are_shown_to_those_who_may_see_names";
    "ASVS 5.0 16.2.5", "nothing personal in logs",
        Test "no_byte_of_the_site_and_no_word_of_any_command_holds_a_planted_value";
    "ASVS 5.0 16.3.2", "refusals are logged",
        Test "without_a_grant_nothing_is_permitted_and_each_refusal_is_recorded";
    "ASVS 5.0 16.4.1", "no injection into the log", Test "a_leaf_is_one_line_of_json_whatever_a_name_holds";
}
