// Tests say `import TestSupport` and have the manual clock.
@_exported public import SupervisionTesting
