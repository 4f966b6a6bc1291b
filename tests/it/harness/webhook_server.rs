//! A server that takes notices over HTTPS, as an office runs one: with an authority of its own, for as long as a test
//! goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::mariadb_server::CERTIFY;
use super::source_tree;

/// The server, its folder and its port.
pub struct WebhookServer {
    folder: tempfile::TempDir,
    process: Child,
    port: String,
}

impl WebhookServer {
    /// One that takes what is signed with this secret.
    pub fn start(secret: &str) -> WebhookServer {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let made = Command::new("sh").args(["-c", CERTIFY]).current_dir(path).output().expect("install openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::write(path.join("secret"), secret).unwrap();
        let program = source_tree::root().join("tests/webhook_server.py");
        let mut python = Command::new("python3");
        let process = python.arg(program).arg(path).stdin(Stdio::null()).spawn().expect("install python3");
        let mut server = WebhookServer { folder, process, port: String::new() };
        for _ in 0..2_000 {
            if let Ok(port) = fs::read_to_string(server.folder.path().join("port")) {
                server.port = port;
                return server;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not start");
    }

    /// Where it takes notices.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/bex", self.port)
    }

    /// The authority that its certificate is of.
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// From now on it takes nothing, or everything again.
    pub fn refuses(&self, refuses: bool) {
        let sign = self.folder.path().join("refuses");
        let done = if refuses { fs::write(&sign, "") } else { fs::remove_file(&sign) };
        done.unwrap();
    }

    /// Everything it has taken, in order.
    pub fn taken(&self) -> Vec<Value> {
        read(self.folder.path())
    }
}

impl Drop for WebhookServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("taken")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
