import { screen } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import {
  able,
  change,
  changeLine,
  changeSet,
  device,
  deviceAnswers,
  host,
  hostDetail,
  mapping,
  overview,
  page,
  person,
  personDetail,
  row,
  secondsAgo,
  token,
} from './fixtures';
import { answer, renderApp } from './render';

const point = { block_current: 1024 ** 3, block_hard_limit: 2048 ** 2, inode_current: 7 };
const points = [7200, 3600].map((ago) => ({ ...point, at: secondsAgo(ago) }));
const forecast = {
  full_at: secondsAgo(-86_400),
  earliest: secondsAgo(-43_200),
  latest: null,
  basis_points: 100,
  confidence: 'enough',
};
const attention = { hosts: [], devices: [], rows: [row()], counts: { hosts: 0, devices: 0, rows: 1 } };

const deviceAt = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const dockerAt = '/hosts/host1/device?name=docker';
const alice = { uid: 1000, user: 'alice' };
const container = {
  id: 'c'.repeat(64),
  name: 'web',
  created_at: secondsAgo(86_400),
  measured_at: secondsAgo(5),
  bytes: 1024 ** 3,
  attribution: { uid: null, user: null, method: 'audit', certainty: 'ambiguous', candidates: [alice] },
};
const reading = { host: 'host1', taken_at: secondsAgo(5), age_seconds: 5, problem: null };
const store = {
  state: 'ok',
  detail: '',
  measured_at: secondsAgo(5),
  estimated: false,
  lacks: [],
  used_bytes: 5,
  free_bytes: 5,
  total_bytes: 10,
  unattributed_bytes: 5,
  overhead_bytes: 0,
  difference_bytes: null,
  shares: [],
};
const mine = {
  ...container,
  kind: 'container',
  host: 'host1',
  is_mine: false,
  state: 'exited',
  containers: null,
  unshared_bytes: null,
  is_tagged: null,
};
const event = {
  id: '3f2d8f5e-1111-4222-8333-444455556666',
  host: 'host1',
  type: 'docker.container_stopped',
  occurred_at: secondsAgo(60),
  received_at: secondsAgo(50),
  device: 'docker',
  ...alice,
  container: { id: 'c1', name: 'web-3' },
  used_bytes: 12,
  limit_bytes: 10,
  explanation: 'stopped web-3',
};

const pages: [string, string][] = [
  ['/', 'My usage'],
  ['/overview', 'Overview'],
  ['/hosts', 'Hosts'],
  ['/hosts/host1', 'host1'],
  [deviceAt, '/dev/sda1'],
  ['/docker', 'Docker'],
  ['/docker?view=events', 'Docker'],
  ['/mappings', 'Mappings'],
  ['/import', 'Import'],
  ['/import/s1', 'Import s1'],
  ['/people', 'People'],
  ['/people/p1', 'alice'],
  ['/tokens', 'Tokens'],
  ['/tokens?of=all', 'Tokens'],
  ['/audit', 'Audit trail'],
  ['/login', 'Log in to qman'],
];

/** Contrast needs a real browser: tests/browser looks at that. */
const options: axe.RunOptions = { rules: { 'color-contrast': { enabled: false } } };

async function findings() {
  const { violations } = await axe.run(document, options);
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}

function answerAll() {
  answer({
    '/api/history': { points, resolution_seconds: 3600 },
    '/api/forecast': forecast,
    '/api/me/quotas': page([row()]),
    '/api/overview': overview(),
    '/api/attention': attention,
    '/api/hosts': page([host()]),
    ...deviceAnswers(able({ quota_types: ['user', 'group'] })),
    '/api/hosts/host1': hostDetail([
      able({ quota_types: ['user', 'group'] }),
      device({ name: 'docker', kind: 'docker' }),
    ]),
    '/api/rows': page([row()]),
    '/api/me/docker': { ...page([mine]), hosts: [{ ...reading, has_quota: false }], claims: [] },
    '/api/admin/docker/hosts/host1': {
      ...reading,
      store,
      containers: [{ ...container, image: 'ubuntu', state: 'exited', log_bytes: 0 }],
      images: [],
      volumes: [],
      build_cache: [],
    },
    '/api/admin/docker/review-queue': {
      ...page([{ ...container, kind: 'container', host: 'host1', claims: [] }]),
      hosts: [reading],
    },
    '/api/admin/docker/events': page([event]),
    '/api/admin/docker/history': { items: [] },
    '/api/admin/mappings': page([mapping()]),
    '/api/people': page([person()]),
    '/api/people/p1': personDetail({ rows: [row()] }),
    '/api/me/tokens': page([token({ name: 'for alice' })]),
    '/api/admin/tokens': page([{ ...token(), person: { id: 'p1', name: 'alice' } }]),
    '/api/admin/audit': page([change()]),
    '/api/admin/change-sets': page([changeSet({ state: 'done', reason: 'alice' })]),
    '/api/admin/change-sets/s1': changeSet(),
    '/api/admin/change-sets/s1/lines': page([changeLine()]),
  });
}

it.each(pages)('axe finds nothing on %s', async (at, title) => {
  answerAll();
  renderApp(at);
  await screen.findByRole('heading', { level: 1, name: title });
  if (at !== '/login') await screen.findAllByText(/alice|host1/);
  expect(document.title).toContain(at === '/login' ? 'qman' : title);
  expect(await findings()).toEqual([]);
});

it("axe finds nothing among Docker's objects, and where they are decided", async () => {
  answerAll();
  const { user } = renderApp(dockerAt);
  await user.click(await screen.findByRole('button', { name: 'Say whose web is' }));
  await screen.findByText('Nobody said anything yet.');
  expect(await findings()).toEqual([]);
});

it('axe finds nothing in the form of a claim', async () => {
  answerAll();
  const { user } = renderApp('/');
  await user.click(await screen.findByRole('button', { name: 'Something of yours is missing?' }));
  expect(screen.getByRole('textbox', { name: 'Name or id' })).toBeInTheDocument();
  expect(await findings()).toEqual([]);
});

it('axe finds nothing in the editor of limits', async () => {
  answerAll();
  renderApp(`${deviceAt}&edit=1000`);
  await screen.findByRole('dialog', { name: 'Limits of alice' });
  expect(await findings()).toEqual([]);
});

it.each([
  ['grace', 'Grace periods of users on /dev/sda1'],
  ['defaults', 'Default limits of users on /dev/sda1'],
])('axe finds nothing in the form of %s', async (panel, title) => {
  answerAll();
  renderApp(`${deviceAt}&panel=${panel}`);
  await screen.findByRole('dialog', { name: title });
  expect(await findings()).toEqual([]);
});
