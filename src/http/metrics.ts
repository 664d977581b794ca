/** `/metrics`, for programs that collect them. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who asks for metrics. */
export interface MetricsRequest {
  readonly authorization: string | undefined;
  readonly address: string;
  /** It came through a proxy, which may be one that is not trusted. */
  readonly isForwarded: boolean;
}

export interface MetricsAnswer {
  readonly status: 200 | 401 | 403;
  readonly type: string;
  readonly body: string;
}

export type ReadMetrics = (request: MetricsRequest) => Promise<MetricsAnswer>;

export const sendMetrics = async (
  request: IncomingMessage,
  response: ServerResponse,
  read: ReadMetrics,
  addressOf: (request: IncomingMessage) => string,
) => {
  const { authorization, forwarded, 'x-forwarded-for': by } = request.headers;
  const isForwarded = forwarded !== undefined || by !== undefined;
  const { status, type, body } = await read({ authorization, address: addressOf(request), isForwarded });
  response.writeHead(status, {
    'content-type': type,
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  });
  response.end(body);
};
