// TypeScript's generators in ES5, see helpers.ts: a body that runs from label to label and returns what to do next.

/** What is asked of the machine from outside (0 to 2), and what its body answers (2 to 5, 7). */
const code = { next: 0, throw: 1, return: 2, break: 3, yield: 4, delegate: 5, caught: 6, endFinally: 7 } as const;

type Operation = readonly [code: number, value?: unknown];

/** A `try` statement: the labels of its start, its `catch`, its `finally` and its end; 0 or absent where it has none. */
type Region = readonly [start: number, caught: number | undefined, finallyAt: number | undefined, end: number];

interface State {
  /** Where the body goes on. */
  label: number;
  /** What the last `yield` gives, or throws. */
  readonly sent: () => unknown;
  /** The `try` statements the body is in. */
  readonly trys: Region[];
  /** What is to be done after each `finally` that runs now. */
  readonly ops: Operation[];
}

/** The generator that a body stands for. */
export function stateMachine(self: unknown, body: (state: State) => Operation): IterableIterator<unknown> {
  let started = false;
  let finished = false;
  let running = false;
  let inner: Iterator<unknown, unknown, unknown> | undefined;
  let sent: Operation = [code.next];
  const state: State = {
    label: 0,
    trys: [],
    ops: [],
    sent: () => {
      if (sent[0] === code.throw) throw sent[1];
      return sent[1];
    },
  };

  /** One turn. Gives what to yield, or the operation to go on with. */
  const turn = (asked: Operation): IteratorResult<unknown, unknown> | Operation => {
    let operation = asked;
    if (inner !== undefined) {
      const given = delegateTo(inner, operation);
      if (given !== undefined && given.done !== true) return given;
      inner = undefined;
      if (given !== undefined) operation = [operation[0] & code.return, given.value];
    }
    const region = state.trys.at(-1);
    switch (operation[0]) {
      case code.next:
      case code.throw:
        sent = operation;
        break;
      case code.yield:
        state.label++;
        return { value: operation[1], done: false };
      case code.delegate:
        state.label++;
        inner = operation[1] as Iterator<unknown, unknown, unknown>;
        return [code.next];
      case code.endFinally: {
        const after = state.ops.pop() ?? [code.next];
        state.trys.pop();
        return after;
      }
      default:
        if (!leave(operation, region)) {
          if (!finished && region?.[2]) state.ops.pop();
          if (!finished) state.trys.pop();
          return operation;
        }
    }
    return Reflect.apply(body, self, [state]) as Operation;
  };

  /** A return, a break or an error, on its way out of a region. Whether the body goes on at a label set here. */
  const leave = (operation: Operation, region: Region | undefined): boolean => {
    const [kind, value] = operation;
    if (region === undefined && kind !== code.break) {
      finished = true;
      return false;
    }
    const target = value as number;
    if (kind === code.break && (region === undefined || (target > region[0] && target < region[3]))) {
      state.label = target;
    } else if (kind === code.caught && region?.[1] !== undefined && state.label < region[1]) {
      state.label = region[1];
      sent = operation;
    } else if (region?.[2] !== undefined && state.label < region[2]) {
      state.label = region[2];
      state.ops.push(operation);
    } else {
      return false;
    }
    return true;
  };

  const step = (request: Operation): IteratorResult<unknown, unknown> => {
    if (running) throw new TypeError("Generator is already executing.");
    if (!started && request[0] !== code.next) finished = true;
    started = true;
    let operation = request;
    while (!finished) {
      running = true;
      try {
        const result = turn(operation);
        if (!isOperation(result)) return result;
        operation = result;
      } catch (error) {
        operation = [code.caught, error];
        inner = undefined;
      } finally {
        running = false;
      }
    }
    if (operation[0] === code.throw || operation[0] === code.caught) throw operation[1];
    return { value: operation[0] === code.return ? operation[1] : undefined, done: true };
  };

  return {
    next: (value?: unknown) => step([code.next, value]),
    throw: (error?: unknown) => step([code.throw, error]),
    return: (value?: unknown) => step([code.return, value]),
    [Symbol.iterator]() {
      return this;
    },
  };
}

function isOperation(value: IteratorResult<unknown, unknown> | Operation): value is Operation {
  return Array.isArray(value);
}

/** Passes a request on; nothing where the inner iterator does not take such requests. */
function delegateTo(
  inner: Iterator<unknown, unknown, unknown>,
  [kind, value]: Operation,
): IteratorResult<unknown, unknown> | undefined {
  if (kind === code.return) return inner.return?.(value);
  if (kind === code.next) return inner.next(value);
  if (inner.throw !== undefined) return inner.throw(value);
  inner.return?.();
  return undefined;
}
