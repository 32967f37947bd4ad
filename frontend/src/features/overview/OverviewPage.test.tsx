import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { host, overview, row, secondsAgo } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { answer, renderApp } from '@/test/render';

const counts = overview({
  hosts: { ok: 3, stale: 1, never: 1, suspended: 0 },
  rows: { ok: 1200, soft_exceeded: 2, grace_expired: 1, hard_reached: 1 },
  devices: 9,
  people: 4,
});
const calm = { hosts: [], devices: [], rows: [], counts: { hosts: 0, devices: 0, rows: 0 } };
const busy = {
  hosts: [
    host({
      id: 'host2',
      label: 'host2',
      state: 'stale',
      problem: { code: 'timeout', detail: '5 s', since: secondsAgo(90) },
    }),
  ],
  devices: [{ host: 'host1', device: '/dev/sdb1', percent: 97.2, full_at: null, problem: null }],
  rows: [row({ status: 'hard_reached', percent: 101 })],
  counts: { hosts: 1, devices: 1, rows: 73 },
};
const others = { '/api/overview': counts };

describe('Overview', () => {
  hasFourStates({
    at: '/overview',
    path: '/api/attention',
    others,
    empty: { body: calm, text: 'Nothing needs attention' },
    data: { body: busy, text: 'Hosts that do not answer' },
  });

  it('counts, says why a host is down, and leads from a quota to its editor', async () => {
    answer({ ...others, '/api/attention': busy });
    renderApp('/overview');
    expect(await screen.findByText('1,200')).toBeInTheDocument();
    expect(screen.getByText('The host does not answer in time.')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'alice' })).toHaveAttribute(
      'href',
      '/hosts/host1/device?name=%2Fdev%2Fsda1&type=user&q=alice&edit=1000',
    );
    expect(screen.getByText('Shown are the 1 most urgent of 73.')).toBeInTheDocument();
  });

  it('of a master without hosts tells how to add one', async () => {
    const none = overview({ hosts: { ok: 0, stale: 0, never: 0, suspended: 0 } });
    answer({ '/api/overview': none, '/api/attention': calm });
    renderApp('/overview');
    expect(await screen.findByText(/Add slaves to SLAVES/)).toBeInTheDocument();
  });
});
