// Lesson 8: let threads talk instead of sharing.
//
// Two producers, each with a sender of its own, and one consumer. What one producer sends arrives in order; between the
// two there is none. The loop ends when the last sender is gone, which is why main drops the one that it kept.
//
// Prints, in any order:
//   soup 1
//   soup 2
//   roast 1
//   roast 2
//   4 dishes served
import { drop, move, mpsc, thread } from "fearless-threads";

const [sender, dishes] = mpsc.channel<string>();

const cooks = ["soup", "roast"].map((dish) =>
  thread.spawn(move(dish, sender.clone()), (dish, sender) => {
    for (let plate = 1; plate <= 2; plate++) sender.send(`${dish} ${plate}`).unwrap();
  }),
);
drop(sender);

let served = 0;
for await (const dish of dishes) {
  console.log(dish);
  served += 1;
}
console.log(`${served} dishes served`);

for (const cook of cooks) (await cook.join()).unwrap();
