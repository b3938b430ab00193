namespace EndToEnd.Tests.Operating;

/// <summary>A fact that needs promtool of Debian's package prometheus; skipped without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PromtoolFactAttribute : FactAttribute
{
    /// <summary>The program.</summary>
    public const string Promtool = "/usr/bin/promtool";

    public PromtoolFactAttribute()
    {
        if (!File.Exists(Promtool))
        {
            Skip = $"there is no {Promtool}: apt-get install prometheus";
        }
    }
}
