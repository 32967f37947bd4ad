import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';

const noForecast = {
  full_at: null,
  earliest: null,
  latest: null,
  basis_points: 0,
  confidence: 'not_enough_data',
};

/** The master, as far as a test says what it answers; of history it knows nothing yet. */
export const server = setupServer(
  http.get('/api/history', () => HttpResponse.json({ points: [], resolution_seconds: 900 })),
  http.get('/api/me/history', () => HttpResponse.json({ items: [], total: 0, page: 1, page_size: 50 })),
  http.get('/api/forecast', () => HttpResponse.json(noForecast)),
);
