/** The project: who may announce what. It allows nothing until told. */
import Type, { type Static } from 'typebox';
import { type ResourceRecord, resourceInput, resourceOutput } from './resource.ts';

export const ProjectSpec = Type.Object(
  {
    prefixes: Type.Array(
      Type.Object(
        {
          prefix: Type.String({ maxLength: 49, description: 'What lies inside may be announced.' }),
          maxLength: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 128,
              description: 'Longest prefix allowed inside it. Default: any, down to single addresses.',
            }),
          ),
        },
        { description: 'A prefix, and how long the prefixes inside it may be.', additionalProperties: false },
      ),
      { maxItems: 256, description: 'What its announcements may announce.' },
    ),
    nextHops: Type.Array(Type.String({ maxLength: 49, description: 'IPv4 or IPv6 prefix.' }), {
      maxItems: 256,
      description: 'CIDRs the next hops must lie in; they are also the only targets of probes.',
    }),
  },
  { title: 'ProjectSpec', description: 'Who may announce what: nothing, until told.', additionalProperties: false },
);
export type ProjectSpec = Static<typeof ProjectSpec>;
export type ProjectRecord = ResourceRecord<ProjectSpec>;

export const ProjectInput = resourceInput('Project', ProjectSpec);
export const Project = resourceOutput('Project', ProjectSpec, Type.Object({}, { description: 'Nothing yet.' }));
