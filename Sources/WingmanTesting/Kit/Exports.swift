// Users say `import WingmanTesting` and have the manual clock.
@_exported public import SupervisionTesting
