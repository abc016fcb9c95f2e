// The same work with Rust's own threads: checks what it computes and prints one figure.
use std::hint::black_box;
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let count: u64 = args[2].parse().expect("a count");
    let figure = match args[1].as_str() {
        "spawn-cold" => spawn(1) / 1e6,
        "spawn-warm" => spawn(count) / 1e3,
        "transfer" => transfer(count as usize) / 1e6,
        "mutex" => mutex(count),
        "contended" => contended(count),
        "ints" => ints(count),
        "objects" => objects(count),
        "speed-up" => speed_up(count),
        "memory" => memory(count),
        other => panic!("no case {other}"),
    };
    println!("{figure}");
}

/// Nanoseconds of one spawn and join.
fn spawn(count: u64) -> f64 {
    let start = Instant::now();
    for i in 0..count {
        assert_eq!(thread::spawn(move || i + 1).join().unwrap(), i + 1);
    }
    start.elapsed().as_nanos() as f64 / count as f64
}

/// Nanoseconds for a vector to go to a thread and come back.
fn transfer(bytes: usize) -> f64 {
    let given = vec![1u8; bytes];
    let start = Instant::now();
    let back = thread::spawn(move || {
        let mut given = given;
        given[0] += 1;
        given
    })
    .join()
    .unwrap();
    let took = start.elapsed().as_nanos() as f64;
    assert_eq!((back.len(), back[0]), (bytes, 2));
    took
}

/// Nanoseconds of lock, add and unlock.
fn mutex(count: u64) -> f64 {
    let number = Mutex::new(0u64);
    let start = Instant::now();
    for _ in 0..count {
        *black_box(&number).lock().unwrap() += 1;
    }
    let took = start.elapsed().as_nanos() as f64;
    assert_eq!(*number.lock().unwrap(), count);
    took / count as f64
}

/// The same, with two threads that want the lock.
fn contended(count: u64) -> f64 {
    let number = Arc::new(Mutex::new(0u64));
    let start = Instant::now();
    let handles: Vec<_> = (0..2)
        .map(|_| {
            let number = Arc::clone(&number);
            thread::spawn(move || {
                for _ in 0..count {
                    *number.lock().unwrap() += 1;
                }
            })
        })
        .collect();
    for handle in handles {
        handle.join().unwrap();
    }
    let took = start.elapsed().as_nanos() as f64;
    assert_eq!(*number.lock().unwrap(), 2 * count);
    took / (2 * count) as f64
}

/// Millions of numbers a second through a channel.
fn ints(count: u64) -> f64 {
    let (tx, rx) = mpsc::channel::<u64>();
    let start = Instant::now();
    let sender = thread::spawn(move || {
        for i in 0..count {
            tx.send(i).unwrap();
        }
    });
    let sum: u64 = rx.iter().sum();
    let took = start.elapsed().as_nanos() as f64;
    sender.join().unwrap();
    assert_eq!(sum, count * (count - 1) / 2);
    count as f64 / took * 1e3
}

struct Order {
    id: u64,
    name: String,
    x: f64,
    paid: bool,
}

/// Millions of small structs a second through a channel.
fn objects(count: u64) -> f64 {
    let (tx, rx) = mpsc::channel::<Order>();
    let start = Instant::now();
    let sender = thread::spawn(move || {
        for i in 0..count {
            tx.send(Order { id: i, name: format!("order {i}"), x: i as f64 / 2.0, paid: i % 2 == 0 }).unwrap();
        }
    });
    let mut sum = 0;
    for order in rx {
        black_box((&order.name, order.x, order.paid));
        sum += order.id;
    }
    let took = start.elapsed().as_nanos() as f64;
    sender.join().unwrap();
    assert_eq!(sum, count * (count - 1) / 2);
    count as f64 / took * 1e3
}

fn burn(count: u64) -> u32 {
    let mut x = 1u32;
    for _ in 0..count {
        x = black_box(x.wrapping_mul(1664525).wrapping_add(1013904223));
    }
    x
}

/// How many times faster two jobs are on two threads than one after the other.
fn speed_up(count: u64) -> f64 {
    let expected = burn(count);
    let start = Instant::now();
    for _ in 0..2 {
        assert_eq!(thread::spawn(move || burn(count)).join().unwrap(), expected);
    }
    let one = start.elapsed().as_nanos() as f64;
    let start = Instant::now();
    let handles: Vec<_> = (0..2).map(|_| thread::spawn(move || burn(count))).collect();
    for handle in handles {
        assert_eq!(handle.join().unwrap(), expected);
    }
    one / start.elapsed().as_nanos() as f64
}

/// Megabytes that a parked thread takes; where the system does not say, none.
fn memory(count: u64) -> f64 {
    let before = resident();
    for _ in 0..count {
        thread::spawn(|| loop {
            thread::park();
        });
    }
    thread::sleep(Duration::from_millis(50));
    (resident() - before) / count as f64 / 1e6
}

fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kb| kb.parse().ok()).unwrap_or(0.0) * 1024.0
}
