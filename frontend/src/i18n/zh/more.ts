import audit from './audit.json';
import docker from './docker.json';
import hosts from './hosts.json';
import imports from './imports.json';
import mappings from './mappings.json';
import overview from './overview.json';
import people from './people.json';
import tokens from './tokens.json';

export default {
  audit,
  docker,
  hosts,
  imports,
  mappings,
  overview,
  people,
  tokens,
};
