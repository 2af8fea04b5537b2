/** The work of the thread that talks to the controllers, without the thread. */
import { ControllerLink } from '../../../dist/cluster/channel/controller-link.js';
import { Way } from '../way.mjs';

const LATENCY_MS_MAX = 1;

export function inlineChannel(loop, random, process, openPeer) {
  const way = (onArrived) =>
    new Way(loop, random, { latencyMsMax: LATENCY_MS_MAX, process, onArrived });
  return (setup, events) => {
    const toFront = way((call) => call());
    const fail = (thrown) => {
      toFront.send(() => events.onError(thrown));
      toFront.send(() => events.onExit(1));
    };
    const link = new ControllerLink({
      setup,
      openPeer,
      post: (message) => toFront.send(() => events.onMessage(message)),
      onFailure: fail,
    });
    link.run().then(() => toFront.send(() => events.onExit(0)), fail);
    const toLink = way((command) => link.take(command));
    return { postMessage: (command) => toLink.send(command) };
  };
}
