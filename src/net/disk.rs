//! A thread that opens and reads the files of a session, since a network folder may not answer for minutes.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use mio::Waker;

/// How long opening a file may hold up the session: a local disk takes far less, and an error is told at once.
const OPENING: Duration = Duration::from_millis(100);

/// The most jobs that may wait: one for each file that is being opened or read.
const MAX_JOBS: usize = 16_384;

type Job = Box<dyn FnOnce() + Send>;

/// The thread, started with the first file. It ends with the last clone, once the call returns that it is in.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk {
    /// `None` in unit tests, where jobs run at once.
    waker: Option<Arc<Waker>>,
    jobs: Arc<OnceLock<Sender<Job>>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// A job is done that a file may be waiting for.
    is_done: AtomicBool,
    /// A job takes so long that nothing waits for the thread.
    is_stuck: AtomicBool,
}

impl Disk {
    /// A thread that wakes the session after each job.
    pub(super) fn new(waker: &Arc<Waker>) -> Self {
        Self { waker: Some(Arc::clone(waker)), ..Self::default() }
    }

    /// Runs `work` on the thread. Without a result, the thread could not be started,
    /// or too many jobs wait for it.
    pub(super) fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
        let (result, done) = crossbeam_channel::bounded(1);
        // Nobody may want the result any more.
        let job: Job = Box::new(move || drop(result.send(work())));
        match &self.waker {
            Some(waker) => drop(self.jobs.get_or_init(|| self.start(waker)).try_send(job)),
            None => job(),
        }
        done
    }

    fn start(&self, waker: &Arc<Waker>) -> Sender<Job> {
        let (jobs, orders) = crossbeam_channel::bounded::<Job>(MAX_JOBS);
        let (waker, state) = (Arc::clone(waker), Arc::clone(&self.state));
        let work = move || {
            for job in orders {
                job();
                state.is_stuck.store(false, Relaxed);
                state.is_done.store(true, Relaxed);
                drop(waker.wake());
            }
        };
        // If this fails, jobs are dropped, and their results missing.
        drop(std::thread::Builder::new().name("netassist-files".to_owned()).spawn(work));
        jobs
    }

    /// Waits a moment for the result of a job, unless the thread is stuck; then it comes later.
    pub(super) fn wait<T>(&self, done: &Receiver<T>) -> Result<T, RecvTimeoutError> {
        let longest = if self.state.is_stuck.load(Relaxed) { Duration::ZERO } else { OPENING };
        let result = done.recv_timeout(longest);
        if matches!(result, Err(RecvTimeoutError::Timeout)) {
            self.state.is_stuck.store(true, Relaxed);
        }
        result
    }

    /// Whether a job was done since the last call.
    pub(super) fn take_done(&self) -> bool {
        self.state.is_done.swap(false, Relaxed)
    }
}
