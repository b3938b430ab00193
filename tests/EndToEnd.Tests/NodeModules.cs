using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>What tests/run.sh installs from the npm registry, and why it is missing.</summary>
internal static class NodeModules
{
    /// <summary>The folder that Node looks for packages in.</summary>
    public static string Folder => Path.Combine(TestData.Root, "artifacts", "node", "node_modules");

    /// <summary>Null when it is there, or must be there: on a build machine (CI=true).</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable("CI") == "true" || Directory.Exists(Path.Combine(Folder, "@bufbuild"))
            ? null
            : "artifacts/node has no packages; tests/run.sh installs them";
}

/// <summary>A fact that needs them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = NodeModules.Missing;
}

/// <summary>A theory that needs them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeTheoryAttribute : TheoryAttribute
{
    public NodeTheoryAttribute() => Skip = NodeModules.Missing;
}
