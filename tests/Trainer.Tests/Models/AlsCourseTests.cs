using Engine;
using Tests.Shared;
using Trainer.Models.Factors;
using Trainer.Models.Matrices;

namespace Trainer.Tests.Models;

/// <summary>Interrupted runs and warm starts.</summary>
public class AlsCourseTests
{
    private static readonly AlsOptions Options = new() { Factors = 20, Epochs = 5, Seed = 3 };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void An_interrupted_run_goes_on_to_the_same_bytes(int finished)
    {
        using var folder = new TemporaryFolder();
        var matrix = RandomInteractions.Make(400, 120, 0.1, 2);
        var whole = Als.Train(matrix, Options, new());
        var checkpoints = new AlsCheckpoints(folder.Path);
        Interrupt(matrix, checkpoints, finished);
        var seen = new List<int>();
        var resumed = Als.Train(
            matrix, Options, new() { Threads = 1 }, new AlsStart(null, checkpoints), epoch => seen.Add(epoch.Number));
        Assert.Equal(Enumerable.Range(finished + 1, 5 - finished), seen);
        Assert.Equal(whole.Users.Values, resumed.Users.Values);
        Assert.Equal(whole.Items.Values, resumed.Items.Values);
        Assert.Equal(whole.ItemSpectrum, resumed.ItemSpectrum);
        Assert.Equal(whole.Epochs.Select(e => e.Loss), resumed.Epochs.Select(e => e.Loss));
        checkpoints.Clear();
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Other_settings_other_data_and_broken_files_start_anew()
    {
        using var folder = new TemporaryFolder();
        var matrix = RandomInteractions.Make(400, 120, 0.1, 2);
        var checkpoints = new AlsCheckpoints(folder.Path);
        Interrupt(matrix, checkpoints, 3);
        Assert.Equal(1, FirstEpoch(matrix, Options with { Seed = 4, Epochs = 1 }));
        Assert.Equal(1, FirstEpoch(RandomInteractions.Make(400, 120, 0.1, 5), Options with { Epochs = 1 }));
        Assert.Equal(4, FirstEpoch(matrix, Options with { Epochs = 4 }));
        foreach (var path in Directory.GetFiles(folder.Path))
        {
            var bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        Assert.Equal(1, FirstEpoch(matrix, Options));

        int FirstEpoch(InteractionMatrix data, AlsOptions options)
        {
            var first = 0;
            Als.Train(
                data,
                options,
                new(),
                new AlsStart(null, checkpoints),
                epoch => first = first == 0 ? epoch.Number : first);
            return first;
        }
    }

    [Fact]
    public void A_warm_start_begins_where_the_earlier_model_was()
    {
        var matrix = RandomInteractions.Make(400, 120, 0.1, 2);
        var cold = Als.Train(matrix, Options with { Epochs = 12 }, new());
        var warm = Als.Train(matrix, Options with { Epochs = 1 }, new(), new AlsStart(cold.Items));
        Assert.InRange(warm.Epochs[0].Loss, 0, cold.Epochs[^1].Loss);
        Assert.True(Als.Train(matrix, Options with { Epochs = 1 }, new()).Epochs[0].Loss > warm.Epochs[0].Loss);

        // Items that the earlier model does not know are rows of zeros, and are learned.
        cold.Items.PaddedRow(7).Clear();
        var found = Als.Train(matrix, Options with { Epochs = 2 }, new(), new AlsStart(cold.Items));
        Assert.Contains(found.Items.Row(7).ToArray(), x => x != 0);
        Assert.Throws<InputException>(
            () => Als.Train(matrix, Options with { Factors = 21 }, new(), new AlsStart(cold.Items)));
    }

    private static void Interrupt(InteractionMatrix matrix, AlsCheckpoints checkpoints, int finished)
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Als.Train(
            matrix,
            Options,
            new() { Cancel = stop.Token },
            new AlsStart(null, checkpoints),
            epoch =>
            {
                if (epoch.Number == finished)
                {
                    stop.Cancel();
                }
            }));
    }
}
