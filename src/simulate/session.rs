//! One SSH connection to the simulated carrier: the login, and the start of SFTP. Nothing else is offered.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use russh::keys::ssh_key::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, MethodKind, MethodSet};

use crate::simulate::files::ServedFiles;
use crate::simulate::misbehaviour::Misbehaviour;
use crate::simulate::place::{Breaker, CarrierDisk};

/// One connection.
pub(in crate::simulate) struct Connection {
    place: Arc<CarrierDisk>,
    authorized: Arc<PublicKey>,
    breaker: Breaker,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Connection {
    /// A connection that only `authorized` can log in on.
    pub fn new(place: Arc<CarrierDisk>, authorized: Arc<PublicKey>, breaker: Breaker) -> Connection {
        Connection { place, authorized, breaker, channels: HashMap::new() }
    }
}

/// The password of a carrier that takes no key: it opens a server of the loopback while a test runs.
pub const PASSWORD: &str = "synthetic password";

impl Connection {
    /// By what this carrier lets us in today.
    fn method(&self) -> MethodKind {
        if self.place.script.has(Misbehaviour::PasswordOnly) {
            MethodKind::Password
        } else if self.place.script.has(Misbehaviour::KeyboardOnly) {
            MethodKind::KeyboardInteractive
        } else {
            MethodKind::PublicKey
        }
    }

    fn refusal(&self) -> Auth {
        let methods = [self.method()];
        Auth::Reject { proceed_with_methods: Some(MethodSet::from(&methods[..])), partial_success: false }
    }
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        self.place.count_login();
        let known = key.public_key.key_data() == self.authorized.key_data();
        let refused = self.place.script.has(Misbehaviour::RefuseLogin);
        Ok(if known && !refused && self.method() == MethodKind::PublicKey { Auth::Accept } else { self.refusal() })
    }

    async fn auth_none(&mut self, _user: &str) -> Result<Auth, Self::Error> {
        Ok(self.refusal())
    }

    async fn auth_password(&mut self, _user: &str, password: &str) -> Result<Auth, Self::Error> {
        // Counted whatever comes of it: that a run tries no second login after a refusal is what tests ask of it, since
        // carriers lock accounts.
        self.place.count_login();
        let taken = self.place.script.has(Misbehaviour::PasswordOnly) && password == PASSWORD;
        Ok(if taken { Auth::Accept } else { self.refusal() })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut answers) = response else {
            let prompts = vec![(Cow::Borrowed("Password: "), false)];
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: prompts.into() });
        };
        self.place.count_login();
        let right = answers.next().is_some_and(|answer| answer[..] == *PASSWORD.as_bytes());
        Ok(if right && self.place.script.has(Misbehaviour::KeyboardOnly) { Auth::Accept } else { self.refusal() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        session.close(channel)
    }

    async fn subsystem_request(&mut self, id: ChannelId, name: &str, session: &mut Session) -> Result<(), Self::Error> {
        match self.channels.remove(&id) {
            Some(channel) if name == "sftp" => {
                session.channel_success(id)?;
                let files = ServedFiles::new(self.place.clone(), self.breaker.clone());
                russh_sftp::server::run(channel.into_stream(), files).await;
                Ok(())
            }
            _ => session.channel_failure(id),
        }
    }
}
