using EndToEnd.Tests.Adb;
using YamlDotNet.RepresentationModel;

namespace EndToEnd.Tests.Installing;

/// <summary>The job and the unit that extract, with a database to extract from.</summary>
[Collection(nameof(MariaDbServer))]
public sealed class ExtractJobTests(MariaDbServer server)
{
    private const string Datasets = "/var/lib/engine/datasets";

    [MariaDbFact]
    public async Task The_job_of_a_cluster_and_the_unit_of_a_machine_copy_the_tables()
    {
        using var source = await TestSource.Create(server, 5_000);
        var container = Manifests.Read("jobs.yaml").Single(job => job.Text("metadata/name") == "engine-extract")
            .At("spec/jobTemplate/spec/template/spec")!.List("containers").Single();
        var job = await ProgramOutput.Of("dotnet", [
            ProgramOutput.Built("Trainer"),
            .. container.List("args").Select(argument => ((YamlScalarNode)argument).Value!
                .Replace(Datasets, source.Folder, StringComparison.Ordinal)
                .Replace("$(POD)", "pod-1", StringComparison.Ordinal)),
        ]);
        Assert.True(job.ExitCode == 0, job.Error);
        Assert.Equal(await source.Truth(), source.Extracted("pod-1"));

        // What systemd makes of the line: $$ is a dollar, %% a percent sign, and quotes hold words together.
        var command = File.ReadLines(Path.Combine(ProgramsFolder.Packaging("systemd"), "engine-extract.service"))
            .Single(line => line.StartsWith("ExecStart=/bin/sh -c '", StringComparison.Ordinal))
            ["ExecStart=/bin/sh -c '".Length..^1]
            .Replace("$$", "$", StringComparison.Ordinal).Replace("%%", "%", StringComparison.Ordinal)
            .Replace(Datasets, source.Folder, StringComparison.Ordinal)
            .Replace("/usr/bin/trainer", $"dotnet {ProgramOutput.Built("Trainer")}", StringComparison.Ordinal);
        var unit = await ProgramOutput.Of("/bin/sh", ["-c", command]);
        Assert.True(unit.ExitCode == 0, unit.Error);
        var folder = Path.GetFileName(Assert.Single(Directory.GetDirectories(source.Folder, "20*-*-*")));
        Assert.Equal(await source.Truth(), source.Extracted(folder));
    }
}
