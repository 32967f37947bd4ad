import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The pages and the picture come lazily: loaded here, they do not take from the time of the first test.
import '@/app/DeviceRoute';
import '@/app/HostRoute';
import '@/components/TrendPlot';
import type { ForecastOut } from '@/api/generated/types.gen';
import { deviceAnswers, hostDetail, device, page, row, secondsAgo } from '@/test/fixtures';
import { address, answer, fail, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const GIB = 1024 ** 3;
const point = (ago: number, gib: number, limitGib = 100) => ({
  at: secondsAgo(ago),
  block_current: gib * GIB,
  block_hard_limit: limitGib * 1024 ** 2,
  inode_current: 7,
});
const history = (points: object[]) => ({ points, resolution_seconds: 3600 });
const inDays = (days: number) => secondsAgo(-days * 86_400 - 60);
const forecast = (over: Partial<ForecastOut> = {}): ForecastOut => ({
  full_at: inDays(20),
  earliest: inDays(15),
  latest: inDays(30),
  basis_points: 500,
  confidence: 'enough',
  ...over,
});
const open = (answers: Record<string, object>) => {
  answer({
    ...deviceAnswers(),
    '/api/rows': page([row()]),
    '/api/history': history([point(7200, 10), point(3600, 20)]),
    '/api/forecast': forecast(),
    ...answers,
  });
  return renderApp(at);
};
const panel = async () => within(await screen.findByRole('region', { name: 'History of /dev/sda1, host1' }));

describe('the history of a device', () => {
  it('is a picture with words, a table, and a forecast with its interval', async () => {
    open({});
    const shown = await panel();
    const picture = await shown.findByRole('img');
    expect(picture.getAttribute('aria-label')).toContain('from 10 GiB to 20 GiB');
    const table = within(shown.getByRole('table', { hidden: true }));
    expect(table.getAllByRole('row', { hidden: true })).toHaveLength(3);
    expect(table.getAllByText('100 GiB')).toHaveLength(2);
    expect(await shown.findByText('Full in 20 days if it goes on like this,')).toBeInTheDocument();
    expect(shown.getByText(/between .* and .*\./)).toBeInTheDocument();
  });

  it('asks for the period that the address names', async () => {
    const asked: number[] = [];
    server.use(
      http.get('/api/history', ({ request }) => {
        const since = new URL(request.url).searchParams.get('since') ?? '';
        asked.push(Math.round((Date.now() - Date.parse(since)) / 86_400_000));
        return HttpResponse.json(history([point(7200, 10), point(3600, 20)]));
      }),
    );
    answer({ ...deviceAnswers(), '/api/rows': page([row()]), '/api/forecast': forecast() });
    const { user } = renderApp(at);
    const shown = await panel();
    await shown.findByRole('img');
    await user.click(shown.getByLabelText('1 year'));
    expect(address()).toContain('period=1y');
    await screen.findByRole('img');
    expect(asked).toEqual([30, 365]);
  });

  it('says that there is none yet, and does not guess', async () => {
    open({
      '/api/history': history([point(60, 10)]),
      '/api/forecast': forecast({
        confidence: 'not_enough_data',
        full_at: null,
        earliest: null,
        latest: null,
      }),
    });
    const shown = await panel();
    expect(await shown.findByText(/no history of this period yet/)).toBeInTheDocument();
    expect(await shown.findByText(/Too little is known yet/)).toBeInTheDocument();
  });

  it('tells what never fills, and what perhaps never does', async () => {
    const { unmount } = open({ '/api/forecast': forecast({ full_at: null, earliest: null, latest: null }) });
    expect(await screen.findByText('It does not fill up at this rate.')).toBeInTheDocument();
    unmount();
    open({ '/api/forecast': forecast({ latest: null }) });
    expect(await screen.findByText(/perhaps never/)).toBeInTheDocument();
  });

  it('fails alone', async () => {
    answer({ ...deviceAnswers(), '/api/rows': page([row()]), '/api/forecast': forecast() });
    fail('/api/history', 500, 'internal');
    renderApp(at);
    expect(await (await panel()).findByText('The master failed')).toBeInTheDocument();
    expect(await screen.findByText('alice')).toBeInTheDocument();
  });
});

it('shows on the page of a host when each device is full', async () => {
  answer({ '/api/hosts/host1': hostDetail([device()]), '/api/forecast': forecast() });
  renderApp('/hosts/host1');
  expect(await screen.findByText('Full in 20 days if it goes on like this,')).toBeInTheDocument();
});

it('tells me what my quota did lately, and shows it when I ask', async () => {
  const mine = row({ block_current: 12 * GIB });
  const item = {
    ...history([point(30 * 86_400, 10)]),
    host: 'host1',
    device: '/dev/sda1',
    quota_type: 'user',
    id: 1000,
  };
  answer({
    '/api/me/quotas': page([mine]),
    '/api/me/history': page([{ ...item, name: 'alice' }]),
    '/api/history': history([point(7200, 10), point(3600, 12)]),
    '/api/forecast': forecast(),
  });
  const { user } = renderApp('/');
  expect(await screen.findByText(/^2 GiB more than on /)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Show the history' }));
  expect(await screen.findByRole('region', { name: 'History of /dev/sda1, host1' })).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Hide the history' })).toHaveAttribute('aria-expanded', 'true');
});
