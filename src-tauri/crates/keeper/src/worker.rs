//! A thread that owns something whose calls block, and makes calls on it in the order in which they were asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::Builder;

use tokio::sync::oneshot;

type Call<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The call has no result: it panicked, or the system could not start the thread.
pub(crate) type BrokenOff = oneshot::error::RecvError;

/// The thread's queue. The thread ends when this is dropped and the queue is empty.
pub(crate) struct Worker<S> {
    calls: mpsc::Sender<Call<S>>,
}

impl<S: Send + 'static> Worker<S> {
    /// Starts a thread of this name that owns `owned`. `after_panic` makes `owned` usable again.
    /// Where the system cannot start the thread, every call is [`BrokenOff`].
    pub(crate) fn start(name: &str, mut owned: S, after_panic: fn(&mut S)) -> Self {
        let (calls, queue) = mpsc::channel::<Call<S>>();
        let started = Builder::new().name(name.to_owned()).spawn(move || {
            for call in queue {
                // The process runs for weeks: a panic in a library below must not take its vault or journal
                // away.
                if catch_unwind(AssertUnwindSafe(|| call(&mut owned))).is_err() {
                    after_panic(&mut owned);
                }
            }
        });
        if let Err(error) = started {
            tracing::error!(%error, name, "a thread could not be started");
        }
        Self { calls }
    }

    /// Queues this call at once, behind those asked for before. It is made even if the caller stops waiting for its
    /// result.
    pub(crate) fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        self.queue(true, call)
    }

    /// As [`Worker::call`], but the call is skipped if the caller has stopped waiting for its result: so questions do
    /// not pile up while the thread hangs.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        self.queue(false, call)
    }

    fn queue<T: Send + 'static>(
        &self,
        regardless: bool,
        call: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (answer, answered) = oneshot::channel();
        let call: Call<S> = Box::new(move |owned| {
            if regardless || !answer.is_closed() {
                // The caller may have stopped waiting.
                let _ = answer.send(call(owned));
            }
        });
        // If the thread is gone, the call is dropped with its channel, and the receiver below says so.
        let _ = self.calls.send(call);
        answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_are_made_in_order_whether_awaited_or_not() {
        let worker = Worker::start("test", Vec::new(), |_| ());
        drop(worker.call(|list| list.push(1)));
        drop(worker.call(|list| list.push(2)));
        assert_eq!(worker.call(|list| list.clone()).await, Ok(vec![1, 2]));
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_is_not_asked() {
        let worker = Worker::start("test", Vec::new(), |_| ());
        let (release, hang) = mpsc::channel::<()>();
        drop(worker.call(move |_| hang.recv().is_ok()));
        drop(worker.ask(|list| list.push(1)));
        drop(worker.call(|list| list.push(2)));
        release.send(()).unwrap();
        assert_eq!(worker.ask(|list| list.clone()).await, Ok(vec![2]));
    }

    #[tokio::test]
    async fn a_panic_breaks_off_one_call_and_not_the_thread() {
        let worker = Worker::start("test", 1, |number| *number = 2);
        let call = worker.call(|_: &mut i32| {
            if true {
                panic!("impossible")
            }
        });
        assert!(call.await.is_err());
        assert_eq!(worker.call(|number| *number).await, Ok(2));
    }
}
