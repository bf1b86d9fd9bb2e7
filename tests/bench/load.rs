//! Who asks a keeper for tokens as fast as it answers: a client on one thread that computes next to nothing, because it
//! shares the processors with the keeper.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use tokenkeep_tests::Process;

use crate::http::Connection;
use crate::spread::Spread;

/// How long the asking goes on before anything counts.
const WARM_UP: Duration = Duration::from_secs(1);

/// How the asking went.
pub(crate) struct Load {
    /// How long each request took, from its first byte to the last of the answer.
    pub(crate) latency: Spread,
    /// How many were answered each second.
    pub(crate) per_second: f64,
    /// How many processors the keeper and this client used.
    pub(crate) keeper_cores: f64,
    pub(crate) client_cores: f64,
}

/// Asks on one connection for so long, each time when the last answer is there.
pub(crate) fn alone(socket: &Path, keeper: Process, request: &[u8], long: Duration) -> Load {
    let mut connection = connect(socket);
    let mut watch = Stopwatch::started(keeper, long);
    while watch.runs() {
        let asked = Instant::now();
        let answer = connection.ask(request).expect("the keeper answers");
        assert_eq!(answer.status, 200, "the keeper hands out no token");
        watch.answered(asked);
    }
    watch.stopped()
}

/// Asks on so many connections for so long, on each when its last answer is there.
pub(crate) fn together(
    socket: &Path,
    keeper: Process,
    request: &[u8],
    connections: usize,
    long: Duration,
) -> Load {
    let ready = epoll::create(CreateFlags::CLOEXEC).expect("the kernel has epoll");
    let mut askers: Vec<_> = (0..connections).map(|_| Asker::new(socket)).collect();
    for (asker, number) in askers.iter_mut().zip(0..) {
        let stream = asker.connection.stream();
        epoll::add(&ready, stream, EventData::new_u64(number), EventFlags::IN)
            .expect("a socket can be waited for");
        asker.ask(request);
    }
    let mut watch = Stopwatch::started(keeper, long);
    let mut events = Vec::with_capacity(connections);
    while watch.runs() {
        events.clear();
        let room = rustix::buffer::spare_capacity(&mut events);
        epoll::wait(&ready, room, None).expect("the sockets can be waited for");
        for event in &events {
            let asker = &mut askers[event.data.u64() as usize];
            if asker.is_answered() {
                watch.answered(asker.asked);
                asker.ask(request);
            }
        }
    }
    watch.stopped()
}

fn connect(socket: &Path) -> Connection<UnixStream> {
    Connection::new(UnixStream::connect(socket).expect("the keeper listens"))
}

/// A connection with one request under way.
struct Asker {
    connection: Connection<UnixStream>,
    asked: Instant,
}

impl Asker {
    fn new(socket: &Path) -> Self {
        Self {
            connection: connect(socket),
            asked: Instant::now(),
        }
    }

    fn ask(&mut self, request: &[u8]) {
        self.asked = Instant::now();
        self.connection.send(request).expect("the keeper listens");
    }

    /// Takes what has come, and says whether that was the end of the answer.
    fn is_answered(&mut self) -> bool {
        self.connection.receive().expect("the keeper answers");
        let answer = self.connection.whole_answer();
        answer.is_some_and(|answer| {
            assert_eq!(answer.status, 200, "the keeper hands out no token");
            true
        })
    }
}

/// Counts answers, once those to warm up are over.
struct Stopwatch {
    keeper: Process,
    begin: Instant,
    end: Instant,
    computed: Option<[Duration; 2]>,
    times: Vec<Duration>,
}

impl Stopwatch {
    fn started(keeper: Process, long: Duration) -> Self {
        let begin = Instant::now() + WARM_UP;
        Self {
            keeper,
            begin,
            end: begin + long,
            computed: None,
            times: Vec::with_capacity(1 << 20),
        }
    }

    fn runs(&mut self) -> bool {
        let now = Instant::now();
        if self.computed.is_none() && now >= self.begin {
            self.begin = now;
            self.times.clear();
            self.computed = Some(self.computed());
        }
        now < self.end
    }

    fn answered(&mut self, asked: Instant) {
        self.times.push(asked.elapsed());
    }

    fn stopped(self) -> Load {
        let seconds = self.begin.elapsed().as_secs_f64();
        let before = self.computed.unwrap_or_default();
        let after = self.computed();
        let cores = |of: usize| (after[of] - before[of]).as_secs_f64() / seconds;
        Load {
            per_second: self.times.len() as f64 / seconds,
            keeper_cores: cores(0),
            client_cores: cores(1),
            latency: Spread::of(self.times),
        }
    }

    fn computed(&self) -> [Duration; 2] {
        let own = Process::with_id(std::process::id());
        [self.keeper.cpu_time(), own.cpu_time()]
    }
}
