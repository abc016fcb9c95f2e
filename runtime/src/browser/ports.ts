// Browsers' message ports, with the few methods of Node's that this library calls.

type Listen = (value: unknown) => void;

/** A port with methods of Node's. */
export interface NodeLikePort extends MessagePort {
  on(event: string, listen: Listen): void;
  ref(): void;
  unref(): void;
}

/** The port itself. The methods are its own properties, which stay behind when it is sent on. */
export function nodeLike(port: MessagePort): NodeLikePort {
  const methods = {
    on: (event: string, listen: Listen): void => {
      if (event === "messageerror") port.addEventListener("messageerror", () => listen(unreadable()));
      if (event !== "message") return;
      port.addEventListener("message", ({ data }) => listen(data));
      port.start();
    },
    ref: (): void => {},
    unref: (): void => {},
  };
  return Object.assign(port, methods);
}

/** A browser does not say why a message could not be read. */
function unreadable(): Error {
  return new Error("the browser could not read the message");
}

/** Both ends of a channel. */
export class NodeLikeChannel {
  readonly port1: NodeLikePort;
  readonly port2: NodeLikePort;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = nodeLike(port1);
    this.port2 = nodeLike(port2);
  }
}

/** What came through a port and was not taken yet, and who wants to be told of the next message. */
interface Inbox {
  /** Absent stands for one that could not be read. */
  readonly messages: ({ readonly message: unknown } | undefined)[];
  readonly waiting: Set<() => void>;
}

const inboxes = new WeakMap<MessagePort, Inbox>();

function inboxOf(port: MessagePort): Inbox {
  const known = inboxes.get(port);
  if (known !== undefined) return known;
  const inbox: Inbox = { messages: [], waiting: new Set() };
  inboxes.set(port, inbox);
  const add = (came: Inbox["messages"][number]): void => {
    inbox.messages.push(came);
    const told = [...inbox.waiting];
    inbox.waiting.clear();
    for (const tell of told) tell();
  };
  port.addEventListener("message", ({ data }) => add({ message: data }));
  port.addEventListener("messageerror", () => add(undefined));
  port.start();
  return inbox;
}

/**
 * The next message that has come through a port. A browser hands messages over in its event loop only, so one that was
 * sent a moment ago may not be seen yet.
 *
 * @throws Error where it could not be read.
 */
export function receiveMessageOnPort(port: MessagePort): { readonly message: unknown } | undefined {
  const { messages } = inboxOf(port);
  if (messages.length === 0) return undefined;
  const came = messages.shift();
  if (came === undefined) throw unreadable();
  return came;
}

/** Has `told` called when the next message has come through the port. */
export function whenDelivered(port: MessagePort, told: () => void): void {
  inboxOf(port).waiting.add(told);
}
