//! One SSH connection to the simulated carrier: the login, and the start of SFTP. Nothing else is offered.

use std::collections::HashMap;
use std::sync::Arc;

use russh::keys::ssh_key::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};

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

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        self.place.count_login();
        let known = key.public_key.key_data() == self.authorized.key_data();
        let refused = self.place.script.has(Misbehaviour::RefuseLogin);
        Ok(if known && !refused { Auth::Accept } else { Auth::reject() })
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
