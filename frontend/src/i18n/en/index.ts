import audit from './audit.json';
import batch from './batch.json';
import common from './common.json';
import device from './device.json';
import docker from './docker.json';
import history from './history.json';
import hosts from './hosts.json';
import imports from './imports.json';
import limits from './limits.json';
import login from './login.json';
import mappings from './mappings.json';
import overview from './overview.json';
import people from './people.json';
import problems from './problems.json';
import settings from './settings.json';
import status from './status.json';
import tokens from './tokens.json';
import undo from './undo.json';
import usage from './usage.json';

export default {
  audit,
  batch,
  common,
  device,
  docker,
  history,
  hosts,
  imports,
  limits,
  login,
  mappings,
  overview,
  people,
  problems,
  settings,
  status,
  tokens,
  undo,
  usage,
};
