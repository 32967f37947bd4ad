import { fireEvent, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { change, page } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, renderApp } from '@/test/render';
import { server } from '@/test/server';
import { dayEnd, dayStart } from './days';

const path = '/api/admin/audit';

describe('the audit trail', () => {
  hasFourStates({
    at: '/audit',
    path,
    empty: { body: page([]), text: 'Nothing was changed yet' },
    data: { body: page([change()]), text: 'Thesis' },
  });

  it('shows who, what, from what to what, and how it ended', async () => {
    const undo = change({ id: '42', outcome: 'unknown', after: null, reason: '', undo_of: '41' });
    answer({ [path]: page([change(), undo]) });
    renderApp('/audit');
    expect(await screen.findByText('Entry 41')).toBeInTheDocument();
    expect(screen.getByText(/1 GiB/)).toBeInTheDocument();
    expect(screen.getByText(/2 GiB/)).toBeInTheDocument();
    expect(screen.getByText('Applied')).toBeInTheDocument();
    expect(screen.getByText('Undoes entry 41')).toBeInTheDocument();
  });

  it('keeps its filters in the address, days as the reader means them', async () => {
    let asked = new URLSearchParams();
    answer({});
    server.use(
      http.get(path, ({ request }) => {
        asked = new URL(request.url).searchParams;
        return HttpResponse.json(page([]));
      }),
    );
    renderApp('/audit?host=host1&since=2026-11-01&until=nonsense');
    await screen.findByText('No change matches');
    expect(asked.get('host')).toBe('host1');
    expect(asked.get('since')).toBe(dayStart('2026-11-01'));
    expect(asked.has('until')).toBe(false);
    fireEvent.change(screen.getByLabelText('Until day'), { target: { value: '2026-11-30' } });
    await waitFor(() => expect(asked.get('until')).toBe(dayEnd('2026-11-30')));
    expect(address()).toContain('until=2026-11-30');
  });
});
