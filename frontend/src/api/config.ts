import type { CreateClientConfig } from './generated/client.gen';

/** Same origin always: the empty base keeps the generated paths as they are (`/` would double the slash). */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseURL: '',
  timeout: 30_000,
});
