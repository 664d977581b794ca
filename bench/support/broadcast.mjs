// The baseline for fan-out: sends each line that it receives to every socket, unchanged.
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('listening', () => console.log(`ws://127.0.0.1:${server.address().port}`));
createInterface({ input: process.stdin }).on('line', (line) => {
  for (const socket of server.clients) socket.send(line);
});
