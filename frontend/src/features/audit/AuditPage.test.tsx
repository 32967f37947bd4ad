import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { change, page } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';
import { dayEnd, dayStart } from '@/lib/days';

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

  it('undoes a change, and says what stands now where somebody else was at it since', async () => {
    const sent: unknown[] = [];
    answer({ [path]: page([change({ id: '41' }), change({ id: '42', outcome: 'failed' })]) });
    server.use(
      http.post(`${path}/41/undo`, async ({ request }) => {
        const asked = (await request.json()) as { force?: boolean };
        sent.push(asked);
        const fault = { field: 'block_hard_limit', found: '7', expected: '2097152' };
        if (asked.force !== true) return problem(409, 'stale_update', [fault]);
        return HttpResponse.json({ audit_id: '43', undo_of: '41' });
      }),
    );
    const { user } = renderApp('/audit');
    await screen.findByText('Entry 41');
    expect(screen.queryByRole('button', { name: 'Undo entry 42' })).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Undo entry 41' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Undo this change?' }));
    await user.click(dialog.getByRole('button', { name: 'Undo' }));
    expect(await dialog.findByText(/block_hard_limit: 7 stands now/)).toBeInTheDocument();
    await user.click(dialog.getByRole('checkbox', { name: 'Undo it all the same' }));
    await user.click(dialog.getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(sent).toEqual([{}, { force: true }]);
  });

  it('is exported as it is filtered', async () => {
    answer({ [path]: page([change({ change_set: 's1' })]) });
    renderApp('/audit?host=host1&change_set=s1');
    const csv = await screen.findByRole('link', { name: 'As CSV' });
    expect(csv).toHaveAttribute('href', '/api/export/audit.csv?host=host1&change_set=s1');
    expect(screen.getByText('Only the changes of s1')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Open it, or undo all of it' })).toHaveAttribute(
      'href',
      '/import/s1',
    );
  });
});
