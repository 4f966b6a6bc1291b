//! Deadlines held from outside: whoever sits on the other side can send a byte a second, a greeting without end or a
//! file that never stops, and each of them is progress to whoever reads. So somebody else counts the time, and cuts the
//! line.

use std::fmt;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often is looked whether the time is over.
const TICK: Duration = Duration::from_millis(100);
/// How long what is under way may take once somebody wants the process to stop.
const GRACE: Duration = Duration::from_secs(5);
/// The slowest line that is one, in bytes a second: an old modem's is faster by half.
const SLOWEST_BYTES: u64 = 16 * 1024;

/// Asked all the while: whether somebody wants the line cut.
#[derive(Clone)]
pub struct CutWhen(Arc<dyn Fn() -> bool + Send + Sync>);

impl CutWhen {
    /// Cut once this says so.
    pub fn new(asked: impl Fn() -> bool + Send + Sync + 'static) -> CutWhen {
        CutWhen(Arc::new(asked))
    }
}

impl Default for CutWhen {
    fn default() -> CutWhen {
        CutWhen::new(|| false)
    }
}

impl fmt::Debug for CutWhen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CutWhen")
    }
}

/// Watches one connection until it is dropped.
pub(super) struct Watch {
    shared: Arc<Watched>,
    timeout: Duration,
}

struct Watched {
    state: Mutex<TimeLeft>,
    changed: Condvar,
}

/// How much time is left.
struct TimeLeft {
    /// For what is under way; none while nothing is.
    operation: Option<Duration>,
    /// For all of the connection.
    connection: Duration,
    /// Since somebody wants it cut.
    grace: Duration,
    ended: bool,
    cut: bool,
}

impl Watch {
    /// Watches a connection whose single answers may take `timeout`; all of it may take sixty times as long, and what
    /// its files take on the slowest line.
    pub fn over(stream: TcpStream, timeout: Duration, cut_when: CutWhen) -> Watch {
        let left =
            TimeLeft { operation: Some(timeout * 2), connection: timeout * 60, grace: GRACE, ended: false, cut: false };
        let shared = Arc::new(Watched { state: Mutex::new(left), changed: Condvar::new() });
        let theirs = shared.clone();
        std::thread::spawn(move || watch(&theirs, &stream, &cut_when));
        Watch { shared, timeout }
    }

    /// Something begins that moves up to so many bytes.
    pub fn begin(&self, bytes: u64) {
        let moving = Duration::from_secs(bytes / SLOWEST_BYTES);
        let mut left = self.shared.left();
        left.operation = Some(self.timeout * 2 + moving);
        left.connection += moving;
    }

    /// Nothing is under way.
    pub fn rest(&self) {
        self.shared.left().operation = None;
    }

    /// Whether the line was cut because the time was over, or somebody wanted it.
    pub fn has_cut(&self) -> bool {
        self.shared.left().cut
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.shared.left().ended = true;
        self.shared.changed.notify_all();
    }
}

impl Watched {
    fn left(&self) -> MutexGuard<'_, TimeLeft> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn watch(shared: &Watched, stream: &TcpStream, cut_when: &CutWhen) {
    let mut left = shared.left();
    while !left.ended {
        // Counted in ticks: no clock can be set under way.
        let waited = shared.changed.wait_timeout(left, TICK);
        left = waited.unwrap_or_else(PoisonError::into_inner).0;
        if left.is_over(cut_when) {
            left.cut = true;
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
    }
}

impl TimeLeft {
    /// Counts a tick.
    fn is_over(&mut self, cut_when: &CutWhen) -> bool {
        self.connection = self.connection.saturating_sub(TICK);
        self.operation = self.operation.map(|left| left.saturating_sub(TICK));
        // Between two operations nothing waits, and whoever asked to stop is heard there anyway.
        self.grace = if self.operation.is_some() && (cut_when.0)() { self.grace.saturating_sub(TICK) } else { GRACE };
        [Some(self.connection), self.operation, Some(self.grace)].contains(&Some(Duration::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use super::*;

    fn line() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (ours, listener.accept().unwrap().0)
    }

    #[test]
    fn a_line_is_cut_once_what_is_under_way_has_had_its_time() {
        let (mut ours, _theirs) = line();
        let watch = Watch::over(ours.try_clone().unwrap(), Duration::from_millis(100), CutWhen::default());
        watch.begin(0);
        assert_eq!(ours.read(&mut [0]).unwrap(), 0, "the end of the line, though nobody on the other side ended it");
        assert!(watch.has_cut());
    }

    #[test]
    fn a_line_on_which_nothing_is_under_way_is_cut_only_after_its_whole_time() {
        let mut left = TimeLeft { operation: None, connection: TICK * 3, grace: GRACE, ended: false, cut: false };
        let over: Vec<bool> = (0..3).map(|_| left.is_over(&CutWhen::new(|| true))).collect();
        assert_eq!(over, [false, false, true]);
    }

    #[test]
    fn whoever_wants_to_stop_waits_for_what_is_under_way_no_longer_than_the_grace() {
        let mut left =
            TimeLeft { operation: Some(GRACE * 9), connection: GRACE * 9, grace: GRACE, ended: false, cut: false };
        let stop = CutWhen::new(|| true);
        let ticks = (1..).find(|_| left.is_over(&stop)).unwrap();
        assert_eq!(TICK * ticks, GRACE);
    }
}
