import { connect } from 'node:net';

/** Asks the server to cancel what a connection executes; resolves when the server has read that. */
export const cancelRequest = (port: number, processId: number, secret: number): Promise<void> => {
  const packet = Buffer.alloc(16);
  for (const [index, number] of [16, 80_877_102, processId, secret].entries()) packet.writeInt32BE(number, index * 4);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.end(packet);
  return new Promise((resolve) => socket.on('close', () => resolve()));
};
