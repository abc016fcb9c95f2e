// Lesson 4: spawn all, then join all.
//
// The threads run at the same time and end in any order. A join inside the first loop would make them run one by one. And
// more of them is not always faster: beyond the number of cores they only take turns.
//
// Prints, in any order:
//   thread number 0
//   thread number 1
//   thread number 2
//   thread number 3
//   thread number 4
import { move, thread } from "fearless-threads";

const handles = [];
for (let i = 0; i < 5; i++) {
  handles.push(
    thread.spawn(move(i), (i) => {
      console.log(`thread number ${i}`);
    }),
  );
}

for (const handle of handles) (await handle.join()).unwrap();
