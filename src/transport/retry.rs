//! A transport that connects when first needed, and once more when a connection breaks: but only for operations
//! that may be called again. What may not is passed through once, with its error as it came.

use std::io::{Read, Write};

use crate::transport::contract::{Connect, Entry, Put, Stat, Transport};
use crate::transport::error::{Retry, TransportError};

/// Called before each further try with the number of the try that failed, from 1; waits, or says no by `false`.
/// Waiting is the caller's, who owns the clock and knows the cut-off.
pub type Backoff<'a> = Box<dyn FnMut(u32) -> bool + 'a>;

/// A transport around a way to connect.
pub struct Retrying<'a> {
    connect: &'a dyn Connect,
    backoff: Backoff<'a>,
    open: Option<Box<dyn Transport>>,
}

impl<'a> Retrying<'a> {
    /// Nothing is connected until it is needed.
    pub fn new(connect: &'a dyn Connect, backoff: Backoff<'a>) -> Retrying<'a> {
        Retrying { connect, backoff, open: None }
    }

    /// One try: connects if need be. A connection that broke is given up.
    fn once<T>(&mut self, operation: Operation<'_, T>) -> Result<T, TransportError> {
        let transport = match &mut self.open {
            Some(transport) => transport,
            // Connected when first needed: a run that finds nothing to send must not wake a carrier's server.
            none => none.insert(self.connect.connect()?),
        };
        let result = operation(transport.as_mut());
        // Given up at once and not when next used: libssh2 answers on a broken session only after its full timeout.
        if result.as_ref().is_err_and(|error| error.kind.is_of_the_connection()) {
            self.open = None;
        }
        result
    }

    /// As many tries as the backoff allows, for what may be called again.
    fn again<T>(&mut self, operation: Operation<'_, T>) -> Result<T, TransportError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.once(operation) {
                Err(error) if error.retry == Retry::Temporary && (self.backoff)(tries) => {}
                result => return result,
            }
        }
    }

    /// Connects with the same backoff, so that what may be called only once at least starts on a working connection.
    fn ready(&mut self) -> Result<(), TransportError> {
        self.again(&mut |_| Ok(()))
    }
}

type Operation<'o, T> = &'o mut dyn FnMut(&mut dyn Transport) -> Result<T, TransportError>;

impl Transport for Retrying<'_> {
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
        self.again(&mut |transport| transport.stat(path))
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError> {
        self.again(&mut |transport| transport.list(folder))
    }

    /// Once: the sink may hold a part already.
    fn fetch(&mut self, path: &str, sink: &mut dyn Write, limit: u64) -> Result<u64, TransportError> {
        self.ready()?;
        self.once(&mut |transport| transport.fetch(path, sink, limit))
    }

    /// Once: the source may be drained already, and the name taken by a part.
    fn put_new(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
        self.ready()?;
        self.once(&mut |transport| transport.put_new(path, source, length))
    }

    /// Once: it may have happened.
    fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
        self.ready()?;
        self.once(&mut |transport| transport.rename_new(from, to))
    }

    fn remove(&mut self, path: &str) -> Result<bool, TransportError> {
        self.again(&mut |transport| transport.remove(path))
    }

    fn digest(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError> {
        self.again(&mut |transport| transport.digest(path, bytes_max))
    }

    fn free_space(&mut self, folder: &str) -> Result<Option<u64>, TransportError> {
        self.again(&mut |transport| transport.free_space(folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::error::TransportErrorKind;
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    /// Fails each operation with the next of the troubles told, then works; notes what was called.
    struct Scripted {
        troubles: Rc<RefCell<Vec<TransportErrorKind>>>,
        calls: Rc<RefCell<Vec<&'static str>>>,
        connects: Cell<u32>,
    }

    impl Scripted {
        fn new(troubles: &[TransportErrorKind]) -> Scripted {
            let troubles = Rc::new(RefCell::new(troubles.iter().rev().copied().collect()));
            Scripted { troubles, calls: Rc::default(), connects: Cell::new(0) }
        }

        fn tell<T>(&self, call: &'static str, value: T) -> Result<T, TransportError> {
            self.calls.borrow_mut().push(call);
            self.troubles.borrow_mut().pop().map_or(Ok(value), |kind| Err(TransportError::new(kind, call)))
        }
    }

    impl Connect for Scripted {
        fn connect(&self) -> Result<Box<dyn Transport>, TransportError> {
            self.connects.set(self.connects.get() + 1);
            let (troubles, calls) = (self.troubles.clone(), self.calls.clone());
            Ok(Box::new(Scripted { troubles, calls, connects: Cell::new(0) }))
        }
    }

    impl Transport for Scripted {
        fn stat(&mut self, _: &str) -> Result<Option<Stat>, TransportError> {
            self.tell("stat", None)
        }
        fn list(&mut self, _: &str) -> Result<Vec<Entry>, TransportError> {
            self.tell("list", Vec::new())
        }
        fn fetch(&mut self, _: &str, _: &mut dyn Write, _: u64) -> Result<u64, TransportError> {
            self.tell("fetch", 0)
        }
        fn put_new(&mut self, _: &str, _: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
            self.tell("put", Put { length, synced: true })
        }
        fn rename_new(&mut self, _: &str, _: &str) -> Result<(), TransportError> {
            self.tell("rename", ()).map_err(TransportError::of_unrepeatable)
        }
        fn remove(&mut self, _: &str) -> Result<bool, TransportError> {
            self.tell("remove", true)
        }
        fn digest(&mut self, _: &str, _: u64) -> Result<Option<[u8; 32]>, TransportError> {
            self.tell("digest", None)
        }
        fn free_space(&mut self, _: &str) -> Result<Option<u64>, TransportError> {
            self.tell("free", None)
        }
    }

    fn thrice() -> Backoff<'static> {
        Box::new(|failed| failed < 3)
    }

    #[test]
    fn looking_is_repeated_on_a_new_connection() {
        let scripted = Scripted::new(&[TransportErrorKind::Broken, TransportErrorKind::Timeout]);
        assert_eq!(Retrying::new(&scripted, thrice()).stat("x").unwrap(), None);
        assert_eq!((scripted.calls.borrow().len(), scripted.connects.get()), (3, 3));
    }

    #[test]
    fn patience_ends() {
        let scripted = Scripted::new(&[TransportErrorKind::Broken; 9]);
        let error = Retrying::new(&scripted, thrice()).digest("x", 1).unwrap_err();
        assert_eq!((error.kind, scripted.calls.borrow().len()), (TransportErrorKind::Broken, 3));
    }

    #[test]
    fn a_rename_a_put_and_a_fetch_are_tried_once_whatever_happens() {
        for kind in [
            TransportErrorKind::Broken,
            TransportErrorKind::Timeout,
            TransportErrorKind::NoSpace,
            TransportErrorKind::Failure,
        ] {
            let scripted = Scripted::new(&[kind; 9]);
            let mut retrying = Retrying::new(&scripted, thrice());
            assert_eq!(retrying.rename_new("a", "b").unwrap_err().kind, kind);
            assert_eq!(retrying.put_new("a", &mut &b""[..], 0).unwrap_err().kind, kind);
            assert_eq!(retrying.fetch("a", &mut Vec::new(), 0).unwrap_err().kind, kind);
            assert_eq!(*scripted.calls.borrow(), ["rename", "put", "fetch"]);
        }
    }

    #[test]
    fn a_refusal_is_never_turned_into_success_nor_repeated() {
        for kind in [
            TransportErrorKind::Denied,
            TransportErrorKind::NotFound,
            TransportErrorKind::Failure,
            TransportErrorKind::HostKey,
            TransportErrorKind::Login,
        ] {
            let scripted = Scripted::new(&[kind; 9]);
            let error = Retrying::new(&scripted, thrice()).remove("x").unwrap_err();
            assert_eq!((error.kind, scripted.calls.borrow().len()), (kind, 1));
        }
    }
}
