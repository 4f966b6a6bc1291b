//! What the tests stand on: a demonstration site, carriers, servers, independent judges, readers of our own sources.

pub mod carrier;
pub mod cut_off;
pub mod database;
pub mod deliveries;
pub mod demo_site;
pub mod first_feed;
pub mod guide_page;
pub mod keys_away;
pub mod leak_scanner;
pub mod mariadb_server;
pub mod member_lines;
pub mod mutator;
pub mod pyx12;
pub mod postgres_server;
pub mod source_tree;
pub mod sshd;
pub mod terminal;
pub mod webhook_server;
