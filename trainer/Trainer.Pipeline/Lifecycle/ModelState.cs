using System.Text.Json.Serialization;

namespace Trainer.Pipeline.Lifecycle;

/// <summary>The state of a workspace's model. A workspace has one model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelState>))]
public enum ModelState
{
    /// <summary>Nothing was ever trained.</summary>
    NotStarted,

    /// <summary>A training has locked the workspace and reads its data.</summary>
    PendingTraining,

    /// <summary>A training fits its models.</summary>
    Training,

    /// <summary>The last training published its snapshot.</summary>
    TrainingSuccessful,

    /// <summary>The last training failed; the snapshot that was published before keeps serving.</summary>
    TrainingFailed,

    /// <summary>The model is unpublished; its snapshots stay.</summary>
    Unpublished,
}
