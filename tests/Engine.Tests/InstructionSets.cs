using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Tests;

/// <summary>Runs a probe of <see cref="Program"/> in a child process with instruction sets switched off.</summary>
internal static class InstructionSets
{
    /// <summary>The settings every kernel is tested under; the first leaves everything on.</summary>
    public static TheoryData<string> Settings { get; } = ["", "EnableAVX512", "EnableAVX2", "EnableHWIntrinsic"];

    /// <summary>What this process may use, as printed by a child.</summary>
    public static string Describe() =>
        $"Vector512 {Vector512.IsHardwareAccelerated} Avx2 {Avx2.IsSupported} Vector128 "
        + $"{Vector128.IsHardwareAccelerated}";

    /// <summary>The probe's output with <paramref name="off"/> disabled; asserts that it really was.</summary>
    public static string RunProbe(string probe, string off)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.Ordinal))
        {
            start.FileName = "dotnet";
        }

        start.ArgumentList.Add(typeof(InstructionSets).Assembly.Location);
        start.ArgumentList.Add("probe");
        start.ArgumentList.Add(probe);
        if (off.Length > 0)
        {
            start.Environment[$"DOTNET_{off}"] = "0";
        }

        using var child = Process.Start(start) ?? throw new InvalidOperationException("no child process");
        var errors = child.StandardError.ReadToEndAsync();
        var lines = child.StandardOutput.ReadToEnd().Split('\n', 2);
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, errors.GetAwaiter().GetResult());
        var disabled = off switch
        {
            "EnableAVX512" => "Vector512 False",
            "EnableAVX2" => "Avx2 False",
            "EnableHWIntrinsic" => "Vector128 False",
            _ => "",
        };
        Assert.Contains(disabled, lines[0], StringComparison.Ordinal);
        return lines[1].TrimEnd();
    }
}
