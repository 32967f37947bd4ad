import { setupServer } from 'msw/node';

/** The master, as far as a test says what it answers. */
export const server = setupServer();
