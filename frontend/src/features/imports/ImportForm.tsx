import { Button, FileInput, Group, Paper, Stack, Text, Textarea } from '@mantine/core';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { type SubmitEventHandler, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { SaveProblem } from '@/components/SaveProblem';
import { type FileProblem, problemOfText, readText } from './file';
import { usePreview } from './queries';

const EXAMPLE = 'host,device,name,block_soft_limit,block_hard_limit\nhost1,/dev/sda1,alice,9GiB,10GiB';

/** A file or pasted lines, sent for a preview. */
export function ImportForm() {
  const { t } = useTranslation('imports');
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<FileProblem | null>(null);
  const preview = usePreview();
  const submit: SubmitEventHandler = (event) => {
    event.preventDefault();
    void (async () => {
      const csv = file === null ? text : await readText(file);
      const found = problemOfText(csv);
      setWrong(found);
      if (csv !== null && found === null) preview.mutate(csv);
    })();
  };
  return (
    <Paper component="section" aria-label={t('title')} withBorder p="md">
      <form onSubmit={submit}>
        <Stack gap="md">
          <FileInput
            label={t('file')}
            description={t('file_hint')}
            placeholder={t('choose')}
            accept=".csv,.txt,.tsv,text/csv,text/plain"
            leftSection={<IconFileTypeCsv size={18} aria-hidden />}
            clearable
            value={file}
            onChange={setFile}
          />
          <Textarea
            label={t('text')}
            description={t('text_hint')}
            placeholder={EXAMPLE}
            rows={8}
            disabled={file !== null}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          {wrong === null ? null : (
            <Text c="red" size="sm" role="alert">
              {t(wrong)}
            </Text>
          )}
          {preview.error === null ? null : <FileRefused error={preview.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={preview.isPending}>
              {t('preview')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

function FileRefused({ error }: { error: unknown }) {
  const { t } = useTranslation('imports');
  return (
    <Stack gap="xs">
      <SaveProblem error={error} />
      {asProblem(error).faults.map((fault) => (
        <Text key={fault.field} size="sm">
          {t('fault', { ...fault })}
        </Text>
      ))}
    </Stack>
  );
}
