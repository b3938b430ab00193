using System.Diagnostics;

namespace EndToEnd.Tests;

/// <summary>
/// A fact that needs Debian's python3-grpcio. Without it the fact is skipped with the reason, but not on a build
/// machine (CI=true): there it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonFactAttribute : FactAttribute
{
    /// <summary>Debian's own interpreter, which sees Debian's packages.</summary>
    public const string Interpreter = "/usr/bin/python3";

    private static readonly Lazy<bool> Available = new(Probe);

    public PythonFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && !Available.Value)
        {
            Skip = $"{Interpreter} has no grpc module: apt-get install python3-grpcio "
                + "python3-protobuf (tests/run.sh does)";
        }
    }

    private static bool Probe()
    {
        if (!File.Exists(Interpreter))
        {
            return false;
        }

        using var process = Process.Start(
            new ProcessStartInfo(Interpreter, ["-c", "import grpc, google.protobuf"]) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }
}
