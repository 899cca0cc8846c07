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
        { additionalProperties: false },
      ),
      { maxItems: 256 },
    ),
    nextHops: Type.Array(Type.String({ maxLength: 49 }), {
      maxItems: 256,
      description: 'CIDRs the next hops must lie in; they are also the only targets of probes.',
    }),
  },
  { additionalProperties: false },
);
export type ProjectSpec = Static<typeof ProjectSpec>;
export type ProjectRecord = ResourceRecord<ProjectSpec>;

export const ProjectInput = resourceInput('Project', ProjectSpec);
export const Project = resourceOutput('Project', ProjectSpec, Type.Object({}));
