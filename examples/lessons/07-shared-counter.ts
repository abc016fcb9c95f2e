// Lesson 7: share a value that changes, and take turns.
//
// Each thread owns a handle (`Arc`) to the one counter, and holds its lock (`Mutex`) while it changes it. `using` gives
// the lock back at the end of the block, also when something throws.
//
// Prints:
//   Result: 4000
import { Arc, Mutex, move, thread } from "fearless-threads";

const counter = Arc.new(new Mutex(0));

const handles = [];
for (let i = 0; i < 4; i++) {
  handles.push(
    thread.spawn(move(counter.clone()), async (counter) => {
      for (let turn = 0; turn < 1000; turn++) {
        using count = (await counter.lock()).unwrap();
        count.value += 1;
      }
    }),
  );
}
for (const handle of handles) (await handle.join()).unwrap();

using count = (await counter.lock()).unwrap();
console.log(`Result: ${count.value}`);
