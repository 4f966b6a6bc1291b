//! # bex: Benefit EDI eXchange
//!
//! This page is the table of contents. Modules stand in the order data flows, and a module imports only modules
//! that stand above it.

/// X12 files: reader, writer, guides as data, validation, acknowledgements. A crate of its own, in src/x12. Pure.
pub use ::x12;

/// What can be wrong, and where: never a value. Pure.
pub mod fault;

/// The nouns every stage shares. Pure.
pub mod model;

/// Who acts, and who may: the only maker of permits. Pure.
pub mod access;

/// The event catalogue and the audit record's leaves. Pure.
pub mod audit;

/// Where things stand, and how they may move: one table of permitted transitions each. Pure.
pub mod state;

/// When a feed is due: time zones, calendars, slots. Pure.
pub mod schedule;

/// Anybody's X12 files taken apart: what is personal, how two differ, the same about nobody. Pure.
pub mod inspect;

/// The declarative language of mappings and schedules: what may be said, checked whole before any data. Pure.
pub mod mapping;

/// Minimum necessary: the only maker of what may be disclosed. Pure.
pub mod policy;

/// age, OpenPGP as far as it is read, keyring, vault, spool, login keys. Touches: keys.
pub mod crypt;

/// The contract of places files go to and come from: SFTP, a folder; retry and dry run around them.
/// Touches: network, files.
pub mod transport;

/// Files from the inbox into the sealed archive: settled, claimed, bounded. Touches: files.
pub mod intake;

/// Rows out of files, whatever their form. Pure.
pub mod rows;

/// Rows to families and elections, with faults. Pure.
pub mod census;

/// A carrier's own list of whom it covers, from a table or an 834. Pure.
pub mod roster;

/// Census, elections and what the carrier has been told: changes, questions, guards. Pure.
pub mod reconcile;

/// Disclosed members as 834 segments. Pure.
pub mod t834;

/// The egress gate: the only maker of what may be sealed. Pure.
pub mod gate;

/// Checked bytes to sealed bytes: encrypted once, kept exactly. Touches: files, keys.
pub mod seal;

/// State and events in one transaction; the only module with SQL. Touches: database.
pub mod store;

/// The site: its files, checked against each other, one list of faults. Touches: files.
pub mod config;

/// The log held against the store, its files and its anchor; who settles what is not as recorded. Touches: files,
/// database.
pub mod verify;

/// One carrier as one feed is served, compiled: what decides, style, policy, guide, header. Pure.
pub mod carrier;

/// A site, opened: its configuration, keys, store and clock. Touches: clock, keys, files, database.
pub mod engine;

/// From the inbox into families. Touches: files, database.
pub mod take_in;

/// The delivery protocol: intent, attempt, proof, recovery; the only maker of a receipt. Touches: network.
pub mod deliver;

/// A feed's run: decided, numbered, built, checked, sealed, sent, answered. Touches: all edges above.
pub mod run;

/// From a place in a delivered file to the row it comes from, and what carriers say of such places.
/// Touches: files, database.
pub mod trace;

/// What a person may do to a run where it stands as it does: planned, done once, recorded. Touches: all edges above.
pub mod act;

/// What is kept: under which key, in how many places, and for how long. Touches: keys, files, database.
pub mod custody;

/// To whom a person's data were told, and who was in a delivery: read with a reason, and recorded. Touches: database,
/// keys.
pub mod disclosure;

/// A night of runs, and what has come of runs so far, as data. Touches: all edges above.
pub mod night;

/// Hours before the window: whether tonight can be sent. Touches: clock, keys, files, network, database.
pub mod doctor;

/// What people read: the board, a run, a plan in words. Pure.
pub mod report;

/// OpenTelemetry: what took how long, and how the site stands, told to a collector. Touches: network, database.
pub mod telemetry;

/// A carrier on this machine that can misbehave, for the demo and the tests. Touches: network, files.
pub mod simulate;

/// Arguments, one call, text and exit status. Touches: terminal.
pub mod cli;

/// Every rule that can be broken, in one list. Pure.
pub mod catalogue;
