import '@testing-library/jest-dom/vitest';
import { notifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { startI18n, withMoreWords } from '@/i18n';
import { server } from './server';

// What jsdom lacks and Mantine asks for.
vi.stubGlobal('matchMedia', (query: string): MediaQueryList =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  }),
);
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe = () => undefined;
    unobserve = () => undefined;
    disconnect = () => undefined;
  },
);
Element.prototype.scrollIntoView = () => undefined;

// A shared machine may be busy: what is looked for may take its time to appear.
configure({ asyncUtilTimeout: 8_000 });

beforeAll(async () => {
  server.listen({ onUnhandledRequest: 'error' });
  await startI18n('en');
  // Parts are tried without the pages that they come with.
  await withMoreWords(Promise.resolve());
});
beforeEach(async () => {
  await startI18n('en');
});
afterEach(() => {
  cleanup();
  notifications.clean();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());
