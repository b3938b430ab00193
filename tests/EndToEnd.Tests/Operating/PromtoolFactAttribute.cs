using Tests.Shared;

namespace EndToEnd.Tests.Operating;

/// <summary>A fact that needs promtool of Debian's package prometheus; skipped without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PromtoolFactAttribute : FactAttribute
{
    /// <summary>The program: installed, or taken out of the package by tests/run.sh.</summary>
    public static readonly string Promtool = Array.Find(
        ["/usr/bin/promtool", Path.Combine(TestData.Root, "artifacts", "prometheus", "usr", "bin", "promtool")],
        File.Exists) ?? "";

    public PromtoolFactAttribute()
    {
        if (Promtool.Length == 0)
        {
            Skip = "there is no promtool; tests/run.sh takes it out of Debian's package prometheus";
        }
    }
}
