import type { QueryClient } from '@tanstack/react-query';
import { type AxiosResponse, type InternalAxiosRequestConfig, isAxiosError } from 'axios';
import * as z from 'zod/mini';
import { observeServerTime } from '@/lib/clock';
import { client } from './generated/client.gen';
import { isUnauthenticated } from './problems';
import { recheckSession, sessionOptions } from './session';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

// Our CSP has no unsafe-eval; zod would probe for it and leave a violation in the console.
z.config({ jitless: true });

/** Gives every call that changes something the CSRF token of the session at hand, until the returned function is called. */
export function startClient(queryClient: QueryClient): () => void {
  const { request, response } = client.instance.interceptors;
  const addToken = request.use(async (config) => {
    if (!isChange(config)) return config;
    const { csrf_token } = await queryClient.query(sessionOptions());
    config.headers.set('X-CSRF-Token', csrf_token);
    return config;
  });
  const onAnswer = (answer: AxiosResponse) => {
    const date: unknown = answer.headers.date;
    if (typeof date === 'string') observeServerTime(date);
    return answer;
  };
  const watchSession = response.use(onAnswer, (error: unknown) => {
    // The next attempt of a change then asks for the session, and with it the token, anew.
    if (isUnauthenticated(error) && isAxiosError(error) && isChange(error.config))
      recheckSession(queryClient, []);
    throw error;
  });
  return () => {
    request.eject(addToken);
    response.eject(watchSession);
  };
}

function isChange(config: InternalAxiosRequestConfig | undefined): boolean {
  return !SAFE_METHODS.has((config?.method ?? 'GET').toUpperCase());
}
