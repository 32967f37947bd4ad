import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Age } from '@/components/Age';
import { observeServerTime } from './clock';

const NOW = Date.parse('2026-11-21T12:00:00Z');

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  observeServerTime(new Date().toUTCString());
  vi.useRealTimers();
});

it('ticks', () => {
  render(<Age at={new Date(NOW - 58_000).toISOString()} />);
  expect(screen.getByText('As of 58 seconds ago')).toBeInTheDocument();
  act(() => {
    vi.advanceTimersByTime(2_000);
  });
  expect(screen.getByText('As of 1 minute ago')).toBeInTheDocument();
});

it("follows the server's clock where the browser's is wrong, and passes over the odd second", () => {
  observeServerTime(new Date(NOW + 600_000).toUTCString());
  const { unmount } = render(<Age at={new Date(NOW).toISOString()} />);
  expect(screen.getByText('As of 10 minutes ago')).toBeInTheDocument();
  unmount();
  observeServerTime(new Date(NOW + 1_000).toUTCString());
  render(<Age at={new Date(NOW).toISOString()} />);
  expect(screen.getByText('As of now')).toBeInTheDocument();
});

it('has a word for what was never heard of', () => {
  render(<Age at={null} />);
  expect(screen.getByText('Never heard of')).toBeInTheDocument();
});
